import { execa } from 'execa';
import type { Change } from '../src/core/change.ts';
import type { FleetLease } from '../src/core/lease.ts';
import type { Mac } from '../src/core/mac.ts';
import { needsDhcp } from '../test/support/dhcp/machine.ts';
import { type BenchLab, manifest, program } from './lab.ts';
import { measureDelays } from './leases/delays.ts';
import { measureOneLease } from './leases/one-lease.ts';
import { openBenchSite, untilPlanned } from './leases/site.ts';
import { measure, median } from './measure.ts';
import { replay } from './replay.ts';
import type { Bench, Figure } from './report.ts';

const servers = 601;
/** Renewals of every server that wait when the worker starts. */
const renewals = 20;
const byHand = 20;

/**
 * Lease events through the worker into NetBox: one, all at once, renewals; a shell hook that does the same; what DHCP servers notice of it.
 * `--only one,together,renewals,by-hand,delays` takes some of the five.
 */
export async function benchLeases({ openLab, talk, options }: Bench): Promise<Figure[]> {
  const { rounds = 3, only = '' } = options;
  const wanted = (part: string) => only === '' || only.split(',').includes(part);
  const { missing } = needsDhcp();
  const figures: Figure[] = [];
  if (['one', 'together', 'renewals', 'by-hand'].some(wanted)) {
    const lab = await openLab(servers);
    try {
      await execa(process.execPath, [program, 'load-macs', manifest], { env: lab.env, stdio: 'ignore' });
      await lab.quiet();
      await lab.keep('phase_0');
      const leases = await leasesOf(lab);
      if (wanted('one') && missing === undefined) figures.push(...(await measureOneLease(lab, leases, talk)));
      if (wanted('together')) figures.push(await allAtOnce(lab, leases, rounds, talk));
      if (wanted('renewals')) figures.push(await renewAll(lab, leases, talk));
      if (wanted('by-hand')) figures.push(await handMade(lab, leases, talk));
    } finally {
      await lab.down();
    }
  }
  if (wanted('delays') && missing === undefined) figures.push(...(await measureDelays(talk)));
  return figures;
}

/** As phase 1 gives them. */
async function leasesOf(lab: BenchLab): Promise<FleetLease[]> {
  const changes = await planOf(lab);
  const rows = await lab.sql<{ id: number; mac: Mac; name: string; serial: string }>(
    `SELECT i.id::int, m.mac_address::text AS mac, d.name, d.serial FROM dcim_macaddress m JOIN dcim_interface i ON i.id = m.assigned_object_id JOIN dcim_device d ON d.id = i.device_id`,
  );
  const macs = new Map(rows.map(row => [row.id, row]));
  return changes.flatMap(change => {
    if (change.op !== 'create' || change.kind !== 'ipam.ipaddress') return [];
    const row = macs.get(Number(change.after.assigned_object_id));
    const address = String(change.after.address).split('/')[0] ?? '';
    return row ? [{ device: row.name, serial: row.serial, mac: row.mac.toUpperCase() as Mac, address }] : [];
  });
}

async function planOf(lab: BenchLab): Promise<Change[]> {
  const ran = await measure(process.execPath, [program, 'state', 'restore', '1', '--dry-run', '--json'], {
    env: lab.env,
  });
  return (JSON.parse(ran.stdout) as { result: { changes: Change[] } }).result.changes;
}

async function allAtOnce(
  lab: BenchLab,
  leases: readonly FleetLease[],
  rounds: number,
  talk: Bench['talk'],
): Promise<Figure> {
  const floor: number[] = [];
  const ours: number[] = [];
  const changes = await planOf(lab);
  const recipe = { lanes: 3, batch: () => 50 };
  for (let round = 1; round <= rounds; round += 1) {
    await lab.back('phase_0');
    floor.push(await replay(lab, changes, recipe));
    await lab.back('phase_0');
    const site = openBenchSite(lab);
    const worker = await site.startWorker();
    const started = performance.now();
    site.append(leases);
    await untilPlanned(lab, servers);
    ours.push((performance.now() - started) / 1000);
    await worker.stop();
    site.remove();
    talk(
      `${servers} at once, round ${round}: floor ${floor.at(-1)?.toFixed(1)} s, worker ${ours.at(-1)?.toFixed(1)} s`,
    );
  }
  const ratios = ours.map((seconds, i) => seconds / (floor[i] ?? Number.NaN));
  const list = (values: readonly number[], digits = 1) => values.map(value => value.toFixed(digits)).join(', ');
  return {
    what: `${servers} leases at once, until all are discovered; the floor is the same ${changes.length} writes replayed`,
    measured: `${median(ours).toFixed(1)} s (${list(ours)}), floor ${median(floor).toFixed(1)} s (${list(floor)}): ${median(ratios).toFixed(2)} × (${list(ratios, 2)})`,
    goal: 'at most 1.2 ×',
    met: median(ratios) <= 1.2,
  };
}

/** Everybody's, while everybody is discovered. */
async function renewAll(lab: BenchLab, leases: readonly FleetLease[], talk: Bench['talk']): Promise<Figure> {
  await execa(process.execPath, [program, 'state', 'restore', '1'], { env: lab.env, stdio: 'ignore' });
  await lab.quiet();
  const site = openBenchSite(lab);
  const start = Date.now() - renewals * 300_000;
  for (let i = 0; i < renewals; i += 1) site.append(leases, new Date(start + i * 300_000).toISOString());
  const changes = async () =>
    Number((await lab.sql<{ count: string }>('SELECT count(*) FROM core_objectchange'))[0]?.count);
  const before = await changes();
  const ran = await measure(process.execPath, [program, 'dhcp', 'worker', '--once'], { env: site.env });
  const writes = (await changes()) - before;
  site.remove();
  const events = leases.length * renewals;
  const perSecond = events / ran.seconds;
  talk(`${events} renewals: ${ran.seconds.toFixed(1)} s, ${writes} writes`);
  return {
    what: `${events.toLocaleString('en')} renewals that change nothing, the whole program`,
    measured: `${perSecond.toFixed(0)} events/s (${ran.seconds.toFixed(1)} s, ${ran.peakMb.toFixed(0)} MB), ${writes} writes`,
    goal: 'over 500 events/s, 0 writes',
    met: perSecond > 500 && writes === 0,
  };
}

async function handMade(lab: BenchLab, leases: readonly FleetLease[], talk: Bench['talk']): Promise<Figure> {
  await lab.back('phase_0');
  const script = new URL('./leases/hook-by-hand.sh', import.meta.url).pathname;
  const taken: number[] = [];
  for (const { address, mac } of leases.slice(0, byHand))
    taken.push((await measure('bash', [script, address, mac], { env: lab.env })).seconds);
  await untilPlanned(lab, byHand);
  const each = median(taken);
  talk(`by hand: ${each.toFixed(2)} s a lease`);
  return {
    what: `the same decision by a hook of bash, curl and jq, ${byHand} leases one after the other, as dhcpd calls it`,
    measured: `${each.toFixed(2)} s a lease, in which dhcpd answers nobody; ${servers} would take ${((each * servers) / 60).toFixed(1)} min`,
    goal: '',
    met: undefined,
  };
}
