import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import { agreeing, counted } from '../../core/counted.ts';
import { judgeCabling, movesTo, type Pair, portOf } from './cabling.ts';
import type { ServerFacts } from './facts.ts';
import { fleetOf } from './planning.ts';
import { readFacts } from './read.ts';

type CableRow = {
  /** Its name. */
  readonly server: string;
  /** The NIC. */
  readonly nic: string | undefined;
  /** NetBox's id of the cable. */
  readonly cable: number | undefined;
  /** The switch port that it is in; none where it is in none, or nobody knows where it belongs. */
  readonly isIn: string | undefined;
  /** The switch port where it belongs. */
  readonly belongsIn: string | undefined;
  /** How to mend it; of two cables to be swapped, at the first. */
  readonly mend: string | undefined;
};

/** Which cables are in another port than designed. */
type CablesOutcome = {
  /** Servers that were looked at. */
  readonly servers: number;
  /** Servers with at least one row. */
  readonly otherwise: number;
  /** Each cable that is not where it belongs. */
  readonly rows: readonly CableRow[];
  /** Servers that carry the tag or bmtool's entry though their cables are as designed. */
  readonly marked: readonly string[];
};

export const verifyCables = defineCommand({
  path: 'verify cables',
  summary: 'Show which production cables are in another port than designed',
  details: `The design is known from the tag cable-inverted and bmtool's journal entries in NetBox; what
neither speaks of is as designed. Each row says how to mend it, by hand or by a script.`,
  examples: [{ line: 'bmtool verify cables', says: 'after your remediation script: did it work?' }],
  exits: { 3: 'a cable is in another port than designed' },
  args: {},
  needs: ['netbox', 'settings', 'progress'],
  async run(_, { netbox, settings, progress }) {
    const step = progress.step('reading the cables');
    const { servers } = await readFacts(netbox, { ...fleetOf(settings), limit: undefined, phases: [2] });
    const found = servers.flatMap(server => judge(server));
    const ids = found.flatMap(({ ports }) => ports);
    const names = new Map(
      (await netbox.cabling.ports([...new Set(ids)])).map(port => [port.id, `${port.deviceName} ${port.name}`]),
    );
    step.done();
    const nameOf = (id: number | undefined) => (id === undefined ? undefined : (names.get(id) ?? `interface ${id}`));
    const rows = found.flatMap(({ rowsWith }) => rowsWith(nameOf));
    const outcome: CablesOutcome = {
      servers: servers.length,
      otherwise: new Set(rows.map(row => row.server)).size,
      rows,
      marked: servers.filter(isMarkedOnly).map(({ name }) => name),
    };
    return outcome;
  },
  text: ({ servers, otherwise, rows, marked }, { paint }) => [
    ...(rows.length > 0
      ? [
          table(
            ['server', 'nic', 'is in', 'belongs in', 'to mend it'],
            rows.map(
              ({ server, nic = '', cable, isIn = cable === undefined ? '' : 'no port', belongsIn = '', mend = '' }) => [
                server,
                nic,
                isIn,
                belongsIn,
                mend,
              ],
            ),
          ),
        ]
      : []),
    ...(marked.length > 0
      ? [
          say(
            `${paint.warn('!')} ${counted(marked.length, 'server is', 'servers are')} cabled as designed, but still ${agreeing(marked.length, 'carries', 'carry')} the tag or the entry: ${marked.slice(0, 5).join(', ')}${marked.length > 5 ? ', …' : ''}`,
          ),
        ]
      : []),
    say(
      paint.bold(
        otherwise === 0
          ? servers === 1
            ? 'The one server is cabled as designed.'
            : `All ${servers} servers are cabled as designed.`
          : `${otherwise} of ${counted(servers, 'server')} ${agreeing(otherwise, 'is', 'are')} cabled otherwise than designed.`,
      ),
    ),
  ],
  exit: ({ rows }) => (rows.length === 0 ? 0 : 3),
});

type Judged = {
  readonly ports: readonly number[];
  readonly rowsWith: (nameOf: (id: number | undefined) => string | undefined) => CableRow[];
};

function judge(server: ServerFacts): Judged[] {
  const cabling = judgeCabling(server);
  if (!cabling.known) {
    if (!cabling.marked) return [];
    const row = {
      server: server.name,
      nic: undefined,
      cable: undefined,
      isIn: undefined,
      belongsIn: undefined,
      mend: `look: ${cabling.reason}`,
    };
    return [{ ports: [], rowsWith: () => [row] }];
  }
  if (cabling.actual === 'designed') return [];
  const mend = mendText(cabling.pair);
  const wrong = cabling.pair.filter(({ nic, portId }) => portOf(nic) !== portId);
  return [
    {
      ports: wrong.flatMap(({ nic, portId }) => [portId, portOf(nic) ?? portId]),
      rowsWith: nameOf =>
        wrong.map(({ nic, portId }, i) => ({
          server: server.name,
          nic: nic.name,
          cable: nic.cable.id,
          isIn: nameOf(portOf(nic)),
          belongsIn: nameOf(portId),
          mend: i === 0 ? mend : undefined,
        })),
    },
  ];
}

function mendText(pair: Pair): string {
  const moves = movesTo(pair, 'designed');
  const [a, b] = pair.map(({ nic }) => `#${nic.cable.id}`);
  if (moves.length === 3) return `swap the switch ends of cables ${a} and ${b}`;
  return moves.map(({ nic }) => `plug cable #${nic.cable.id} in where it belongs`).join(', then ');
}

function isMarkedOnly(server: ServerFacts): boolean {
  const cabling = judgeCabling(server);
  const marked = server.entries.length > 0 || server.nics.some(nic => nic.cable.tagged);
  return marked && cabling.known && cabling.actual === 'designed';
}
