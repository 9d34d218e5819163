import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { connectPostgres } from '../src/adapters/postgres/connect.ts';

/** The tour of `npm run demo`: real commands on a real NetBox, each with a line that says what to look at. */
const program = fileURLToPath(new URL('../bin/bmtool.js', import.meta.url));
const manifests = 'fixtures/manifests';

type Stop =
  | { readonly says: string; readonly args: readonly string[]; readonly exits: readonly number[] }
  /** Done to NetBox's database behind its back. */
  | { readonly says: string; readonly sql: string };

const tour: readonly Stop[] = [
  { says: 'A real NetBox with 601 servers, on this machine.', args: ['lab', 'up'], exits: [0] },
  {
    says: 'Back to where every tour begins: no BMC has a MAC address yet.',
    args: ['lab', 'reset', '--yes'],
    exits: [0],
  },
  { says: 'Is everything there that bmtool needs?', args: ['doctor'], exits: [0] },
  {
    says: "A supplier's manifest: what would it change? (Nothing is written.)",
    args: ['load-macs', `${manifests}/servers-601.csv`, '--dry-run'],
    exits: [0],
  },
  { says: 'Now write it.', args: ['load-macs', `${manifests}/servers-601.csv`], exits: [0] },
  {
    says: 'And again: nothing is left to do, so nothing is written.',
    args: ['load-macs', `${manifests}/servers-601.csv`],
    exits: [0],
  },
  {
    says: 'A manifest as suppliers send them. Every row gets a verdict; the exit code is 1.',
    args: ['load-macs', `${manifests}/dirty.csv`],
    exits: [1],
  },
  { says: 'What has bmtool written so far?', args: ['runs', 'list', '--limit', '2'], exits: [0] },
  { says: 'Take the last run back, to the last field.', args: ['undo', '--yes'], exits: [0] },
  { says: 'Keep the whole record as it is now.', args: ['snapshot', 'save', '0'], exits: [0] },
  {
    says: 'Now twenty BMCs power on, and ask for addresses by DHCP.',
    args: ['dhcp', 'replay', '--fleet', '--limit', '20', '--rate', '40', '--yes'],
    exits: [0],
  },
  { says: 'The worker decides about each lease.', args: ['dhcp', 'worker', '--once'], exits: [0] },
  { says: 'What is known about one of them?', args: ['why', 'srv-r1-u1'], exits: [0] },
  {
    says: 'And a BMC that nobody has in their books: what would happen, and why?',
    args: ['dhcp', 'decide', '--mac', 'D0:94:66:AA:BB:01', '--ip', '10.20.3.7', '--vendor-class', 'iDRAC'],
    exits: [0],
  },
  {
    says: 'Phase 1 for a hundred servers: discovered, each with its BMC address.',
    args: ['state', 'restore', '1', '--limit', '100', '--yes'],
    exits: [0],
  },
  { says: 'Again: they are there already.', args: ['state', 'restore', '1', '--limit', '100', '--yes'], exits: [0] },
  { says: 'Keep that, too.', args: ['snapshot', 'save', 'good', '--note', 'before the experiment'], exits: [0] },
  {
    says: 'Phase 2 for ten servers: their switch ends are swapped, and cable validation failed.',
    args: ['state', 'restore', '2', '--limit', '10', '--yes'],
    exits: [0],
  },
  { says: 'Where is the record now?', args: ['state', 'show'], exits: [0] },
  { says: 'Which cables are in the wrong port? The exit code is 3.', args: ['verify', 'cables'], exits: [3] },
  { says: 'Now an experiment that goes wrong.', sql: 'TRUNCATE dcim_device CASCADE' },
  { says: 'Every device is gone, with all that hung on it.', args: ['state', 'show'], exits: [0] },
  { says: 'Back, while NetBox serves on.', args: ['snapshot', 'restore', 'good', '--yes'], exits: [0] },
  { says: 'The record as it was saved.', args: ['state', 'show'], exits: [0] },
  { says: 'What was put out is kept: here is the wreck again.', args: ['snapshot', 'undo', '--yes'], exits: [0] },
  { says: 'And back once more.', args: ['snapshot', 'restore', 'good', '--yes'], exits: [0] },
  { says: 'What is kept, and what it takes.', args: ['snapshot', 'list'], exits: [0] },
  {
    says: 'Into a clean slate the short way, verified as the long one.',
    args: ['state', 'restore', '0', '--via', 'snapshot', '--yes'],
    exits: [0],
  },
];

const write = (text: string) => void process.stdout.write(text);
const bold = (text: string) => (process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text);

for (const [i, stop] of tour.entries()) {
  write(`\n${bold(`${i + 1}/${tour.length}  ${stop.says}`)}\n`);
  if ('sql' in stop) await wreck(stop.sql);
  else await show(stop);
}

const { NETBOX_URL } = await labEnv();
write(`
${bold('That was the tour.')} Still running: NetBox with its worker, PostgreSQL and Valkey.
  Look:  ${NETBOX_URL}/dcim/mac-addresses/  (user admin, password admin)
  Try:   npx bmtool snapshot restore good && npx bmtool snapshot diff 0
  Stop:  npx bmtool lab down
`);

async function show({ args, exits }: Extract<Stop, { args: unknown }>): Promise<void> {
  write(`$ bmtool ${args.join(' ')}\n`);
  const { exitCode } = await execa('node', [program, ...args], { stdio: 'inherit', reject: false });
  if (exits.includes(exitCode ?? -1)) return;
  write(`\nThe demo stops here: bmtool ${args.join(' ')} ended with ${exitCode}. What it said above tells why.\n`);
  process.exit(1);
}

async function wreck(sql: string): Promise<void> {
  write(`$ psql -c '${sql}'\n`);
  const { PGHOST = '', PGPORT, PGUSER = '', PGPASSWORD = '', PGDATABASE = '' } = await labEnv();
  const where = { host: PGHOST, port: Number(PGPORT), user: PGUSER, password: PGPASSWORD, database: PGDATABASE };
  await using database = await connectPostgres(where);
  await database.query(sql);
}

async function labEnv(): Promise<Record<string, string>> {
  const { stdout } = await execa('node', [program, 'lab', 'env', '--json']);
  return (JSON.parse(stdout) as { result: Record<string, string> }).result;
}
