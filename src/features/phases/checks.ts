import type { Query } from '../../adapters/netbox/client.ts';
import type { ManyFilter } from '../../adapters/netbox/fleet.ts';
import type { NetBox } from '../../adapters/netbox/netbox.ts';
import { isBmcInterface } from '../../core/bmc.ts';
import { naturalOrder } from '../../core/natural-order.ts';
import { invertedTag } from '../../core/tag.ts';
import { entryKind, entryMark, parseEntry } from './entry.ts';
import { type Phase, type PhaseNumber, phases, statusOf } from './phase.ts';
import { findPrefix } from './read.ts';

/** One question to NetBox, and what came back. */
export type Check = {
  /** The question. */
  readonly asked: string;
  /** The number that it should be. */
  readonly expected: number;
  /** The number that it is. */
  readonly found: number;
  /** Whether they are the same. */
  readonly ok: boolean;
  /** Servers that are otherwise, the first few by name. */
  readonly offenders: readonly string[];
  /** How many more there are. */
  readonly moreOffenders: number;
};

export type ChecksWish = {
  readonly phase: PhaseNumber;
  readonly role: string;
  readonly bmcInterfaces: readonly string[];
  readonly bmcPrefix: string;
  readonly statusMap: Readonly<Record<string, string>>;
  readonly limit: number | undefined;
  /** Events in the queue about these servers. */
  readonly events: number;
};

type Scope = {
  readonly servers: readonly { readonly id: number; readonly name: string }[];
  /** How NetBox is asked for just these servers: by their roles, or one by one. */
  readonly devices: ManyFilter;
  readonly whole: boolean;
  /** Device ids by BMC interface. */
  readonly bmcs: ReadonlyMap<number, number>;
};

type Question = {
  readonly asked: string;
  readonly expected: number;
  readonly count: () => Promise<number>;
  /** Ids of the devices that are otherwise; asked only when the count is not as expected. */
  readonly otherwise: () => Promise<readonly number[]>;
};

const shownOffenders = 5;

/**
 * Whether the servers are in a phase, asked from NetBox with its own filters and counts, one question a row. Shares no decision with the
 * planner, so that a mistake of one shows in the other.
 */
export async function runChecks(netbox: NetBox, wish: ChecksWish): Promise<Check[]> {
  const phase: Phase = phases[wish.phase];
  const [scope, prefix] = await Promise.all([
    readScope(netbox, wish),
    phase.address === 'one' ? findPrefix(netbox, wish.bmcPrefix).then(({ prefix: text }) => text) : '',
  ]);
  const questions = [
    ...deviceQuestions(netbox, scope, wish),
    ...addressQuestions(netbox, scope, phase, prefix),
    ...cablingQuestions(netbox, scope, phase),
  ];
  const rows = await Promise.all(questions.map(question => answer(question, scope)));
  const { events } = wish;
  return [
    ...rows,
    { asked: 'events in the queue', expected: 0, found: events, ok: events === 0, offenders: [], moreOffenders: 0 },
  ];
}

async function answer({ asked, expected, count, otherwise }: Question, { servers }: Scope): Promise<Check> {
  const found = await count();
  if (found === expected) return { asked, expected, found, ok: true, offenders: [], moreOffenders: 0 };
  const others = new Set(await otherwise());
  const names = servers.filter(({ id }) => others.has(id)).map(({ name }) => name);
  return {
    asked,
    expected,
    found,
    ok: false,
    offenders: names.slice(0, shownOffenders),
    moreOffenders: Math.max(0, names.length - shownOffenders),
  };
}

async function readScope({ fleet }: NetBox, { role, limit, bmcInterfaces }: ChecksWish): Promise<Scope> {
  const whole = limit === undefined;
  const [{ servers: names, filter }, named] = await Promise.all([
    fleet.serverNames(role),
    whole ? fleet.portsNamed(bmcInterfaces) : [],
  ]);
  const sorted = names.sort((a, b) => naturalOrder(a.name, b.name) || a.id - b.id);
  const servers = sorted.slice(0, limit);
  const ids = servers.map(({ id }) => id);
  const ports = whole ? named : await fleet.portsOf(ids);
  const own = new Set(ids);
  return {
    servers,
    devices: whole ? filter : ['id', ids],
    whole,
    bmcs: new Map(
      ports
        .filter(({ name, deviceId }) => own.has(deviceId) && isBmcInterface(name, bmcInterfaces))
        .map(port => [port.id, port.deviceId]),
    ),
  };
}

function deviceQuestions(netbox: NetBox, scope: Scope, { phase, statusMap }: ChecksWish): Question[] {
  const path = 'dcim/devices/';
  const ask = (asked: string, expected: number, query: Query, others: Query): Question => ({
    asked,
    expected,
    count: () => netbox.countBy(path, ...scope.devices, query),
    otherwise: async () =>
      (await netbox.listBy(path, ...scope.devices, { fields: [], query: others })).map(({ id }) => id),
  });
  const status = statusOf(phase, statusMap);
  const all = scope.servers.length;
  const oob = phases[phase].address === 'one';
  return [
    ask(`servers with status ${status}`, all, [['status', status]], [['status__n', status]]),
    ask('servers with an out-of-band address', oob ? all : 0, [['has_oob_ip', 'true']], [['has_oob_ip', String(!oob)]]),
  ];
}

function addressQuestions(netbox: NetBox, { bmcs, servers }: Scope, phase: Phase, prefix: string): Question[] {
  const path = 'ipam/ip-addresses/';
  const ids = [...bmcs.keys()];
  const count = (query: Query = []) => netbox.countBy(path, 'interface_id', ids, query);
  const owners = async (query: Query = []) => {
    const rows = await netbox.listBy(path, 'interface_id', ids, { fields: ['assigned_object_id'], query });
    return rows.map(row => bmcs.get(Number(row.assigned_object_id)) ?? 0);
  };
  if (phase.address === 'none')
    return [{ asked: 'addresses on BMC interfaces', expected: 0, count, otherwise: () => owners() }];
  const inside: Query = [['parent', prefix]];
  return [
    {
      asked: `addresses of ${prefix} on BMC interfaces`,
      expected: servers.length,
      count: () => count(inside),
      otherwise: async () => notOnce(servers, await owners(inside)),
    },
    {
      asked: 'addresses on BMC interfaces in all',
      expected: servers.length,
      count: () => count(),
      otherwise: async () => notOnce(servers, await owners()),
    },
  ];
}

function cablingQuestions(netbox: NetBox, scope: Scope, { cabling }: Phase): Question[] {
  const { servers, whole } = scope;
  const ids = servers.map(({ id }) => id);
  const each = cabling === 'inverted' ? 1 : 0;
  // Not the count of NetBox's own search: somebody may quote an entry, or write on in one, which makes it theirs.
  const owners = async () => {
    const found = await netbox.fleet.journalWith(entryMark, entryKind, whole ? undefined : ids);
    const own = new Set(ids);
    return found
      .filter(({ comments, deviceId }) => parseEntry(comments) !== undefined && own.has(deviceId))
      .map(({ deviceId }) => deviceId);
  };
  return [
    {
      asked: `cables with the tag ${invertedTag}`,
      expected: each * 2 * servers.length,
      async count() {
        if ((await netbox.cabling.tag(invertedTag)) === undefined) return 0;
        const query: Query = [['tag', invertedTag]];
        return whole ? netbox.count('dcim/cables/', query) : netbox.countBy('dcim/cables/', 'device_id', ids, query);
      },
      otherwise: async () => notSo(servers, await devicesOfTagged(netbox), each * 2),
    },
    {
      asked: 'journal entries "Cable Inversion" by bmtool',
      expected: each * servers.length,
      count: async () => (await owners()).length,
      otherwise: async () => notSo(servers, await owners(), each),
    },
  ];
}

/** The devices at all ends of tagged cables, one for each end. */
async function devicesOfTagged(netbox: NetBox): Promise<number[]> {
  if ((await netbox.cabling.tag(invertedTag)) === undefined) return [];
  const ends = await netbox.cabling.endsOf(await netbox.cabling.cablesTagged(invertedTag));
  const ids = ends.filter(({ type }) => type === 'dcim.interface').map(({ id }) => id);
  const deviceOf = new Map((await netbox.cabling.ports(ids)).map(port => [port.id, port.deviceId]));
  return ids.map(id => deviceOf.get(id) ?? 0);
}

function notOnce(servers: Scope['servers'], owners: readonly number[]): number[] {
  return notSo(servers, owners, 1);
}

/** The servers that are not `times` times among `owners`. */
function notSo(servers: Scope['servers'], owners: readonly number[], times: number): number[] {
  const counts = Map.groupBy(owners, owner => owner);
  return servers.map(({ id }) => id).filter(id => (counts.get(id)?.length ?? 0) !== times);
}
