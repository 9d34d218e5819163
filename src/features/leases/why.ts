import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { PortRecord, ServerRecord } from '../../adapters/netbox/records.ts';
import { live, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import { isBmcInterface } from '../../core/bmc.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import type { Decided, MacNote } from '../../core/lease-note.ts';
import { type Mac, parseMac } from '../../core/mac.ts';
import { netboxStatus } from '../../core/status.ts';
import { type NextStep, nextStep } from './next-step.ts';
import { serialIn } from './signs.ts';
import { agoText, sourceText } from './text.ts';
import { via } from './via.ts';

/** What is known about one server. */
export type ServerStory = {
  readonly device: ServerRecord;
  /** Its lifecycle name: `discovered` where NetBox says planned. */
  readonly state: string;
  readonly bmcs: readonly PortRecord[];
  /** MACs of its BMC interfaces. */
  readonly macs: readonly Mac[];
  /** Addresses of its BMC interfaces, with their masks. */
  readonly addresses: readonly string[];
  /** What was decided about its leases, newest last. */
  readonly decided: readonly Decided[];
  /** BMCs that NetBox does not know and that call themselves by this serial. */
  readonly lookalikes: readonly Decided[];
  /** Reasons of dead letters about its MACs, by id. */
  readonly dead: readonly {
    /** For `dhcp dead show`. */
    readonly id: string;
    /** Why it could not be carried out. */
    readonly reason: string;
  }[];
};

export const why = defineCommand({
  path: 'why',
  summary: 'Say what is known about a server, and what stands between it and its next state',
  examples: [
    { line: 'bmtool why srv-r1-u1', says: 'by its name; also by its serial, or a MAC of its BMC' },
    { line: 'bmtool why 94:40:c9:00:00:01 --via redis', says: 'with the leases that workers on all machines saw' },
  ],
  args: { server: live('servers', word('serial, name or MAC', 'serial|name|MAC')), via },
  needs: ['netbox', 'leaseStore', 'settings', 'clock'],
  async run({ server, via: place }, { netbox, leaseStore, settings, clock }) {
    const store = await leaseStore(place);
    const devices = await findDevices(netbox, server);
    const [device] = devices;
    if (device === undefined) return { ...(await notAServer(server, store.notes)), nowMs: clock() };
    if (devices.length > 1)
      throw new Failure(
        'ambiguous-device',
        `"${server}" is more than one device: ${devices.map(({ name }) => name).join(', ')}`,
        { next: 'Ask by the name of one of them.' },
      );
    const notes = await store.notes.all();
    const story = await readStory(netbox, device, settings, notes, await store.dead.list());
    return { story, next: nextStep(story), nowMs: clock() };
  },
  text: whyText,
  /** What is known about a server, or about a MAC that NetBox does not have. */
  json: whyJson,
});

/** What is known about a server. */
type ServerJson = Pick<ServerStory, 'state' | 'macs' | 'addresses' | 'decided' | 'lookalikes' | 'dead'> & {
  /** The device in NetBox. */
  readonly device: {
    /** NetBox's id. */
    readonly id: number;
    /** Its name. */
    readonly name: string;
    /** Its serial; may be empty. */
    readonly serial: string;
    /** NetBox's status. */
    readonly status: string;
  };
  /** Its BMC interfaces. */
  readonly bmcs: readonly {
    /** NetBox's id. */
    readonly id: number;
    /** Its name. */
    readonly name: string;
  }[];
  /** What stands between it and its next state. */
  readonly next: NextStep;
};

/** What is known about a MAC that NetBox does not have. */
type StrangerJson = {
  /** The MAC. */
  readonly unknown: Mac;
  /** What was decided about its leases, newest last. */
  readonly decided: readonly Decided[];
};

function whyJson(answer: Answer): ServerJson | StrangerJson {
  if (!('story' in answer)) return { unknown: answer.mac, decided: answer.decided };
  const { device, bmcs, ...story } = answer.story;
  const { id, name, serial, status } = device;
  return {
    device: { id, name, serial, status },
    bmcs: bmcs.map(bmc => ({ id: bmc.id, name: bmc.name })),
    ...story,
    next: answer.next,
  };
}

async function findDevices(netbox: NetBox, typed: string): Promise<ServerRecord[]> {
  const reading = parseMac(typed);
  const macs = reading.ok ? await netbox.fleet.macsWith([reading.mac]) : [];
  const ports = await netbox.fleet.ports(macs.flatMap(({ on }) => (on?.type === 'dcim.interface' ? [on.id] : [])));
  const [named, bySerial] = reading.ok
    ? [[], []]
    : await Promise.all([netbox.fleet.devicesNamed(typed), netbox.fleet.devicesBySerial([typed])]);
  const ids = [...new Set([...ports.map(({ deviceId }) => deviceId), ...named, ...bySerial.map(({ id }) => id)])];
  return netbox.fleet.servers({ ids });
}

async function readStory(
  netbox: NetBox,
  device: ServerRecord,
  settings: { bmcInterfaces: readonly string[]; statusMap: Readonly<Record<string, string>> },
  notes: ReadonlyMap<Mac, MacNote>,
  letters: readonly { id: string; reason: string; entry: string }[],
): Promise<ServerStory> {
  const ports = await netbox.fleet.portsOf([device.id]);
  const bmcs = ports.filter(({ name }) => isBmcInterface(name, settings.bmcInterfaces));
  const ids = bmcs.map(({ id }) => id);
  const [macRows, addresses] = await Promise.all([netbox.fleet.macsOn(ids), netbox.addressing.addressesOn(ids)]);
  const macs = macRows.map(({ address }) => address as Mac);
  const known = ['offline', 'discovered', 'active'].find(
    name => netboxStatus(name, settings.statusMap) === device.status,
  );
  const others = [...notes].flatMap(([mac, note]) => (macs.includes(mac) ? [] : (note.decided.at(-1) ?? [])));
  const serial = device.serial.toUpperCase();
  return {
    device,
    state: known ?? device.status,
    bmcs,
    macs,
    addresses: addresses.map(({ address }) => address),
    decided: macs.flatMap(mac => notes.get(mac)?.decided ?? []).sort((a, b) => (a.at < b.at ? -1 : 1)),
    lookalikes: others.filter(
      ({ act, lease }) => act === 'unknown' && serial !== '' && serialIn(lease.hostname) === serial,
    ),
    dead: letters
      .filter(({ entry }) => macs.some(mac => entry.includes(mac)))
      .map(({ id, reason }) => ({ id, reason })),
  };
}

type Stranger = { readonly mac: Mac; readonly decided: readonly Decided[] };

/** A MAC that NetBox does not have may have asked all the same. */
async function notAServer(
  typed: string,
  notes: { read(macs: readonly Mac[]): Promise<ReadonlyMap<Mac, MacNote>> },
): Promise<Stranger> {
  const reading = parseMac(typed);
  const note = reading.ok ? (await notes.read([reading.mac])).get(reading.mac) : undefined;
  if (reading.ok && note) return { mac: reading.mac, decided: note.decided };
  throw new Failure(
    'no-such-device',
    `NetBox has no device with the ${reading.ok ? 'MAC' : 'name or serial'} ${typed}`,
    {
      next: reading.ok ? 'No lease of it was seen either.' : 'Serials are compared without case, names with it.',
    },
  );
}

type Answer = ({ readonly story: ServerStory; readonly next: NextStep } | Stranger) & { readonly nowMs: number };

function whyText(answer: Answer, view: View): Block[] {
  if (!('story' in answer)) {
    return [
      say(`NetBox does not have the MAC ${answer.mac}.`),
      ...decidedBlocks(answer.decided, answer.nowMs),
      say('Put it into a manifest and load it: bmtool load-macs FILE'),
    ];
  }
  const { story, next, nowMs } = answer;
  const { device, state, bmcs, macs, addresses, decided } = story;
  return [
    table(
      ['what', 'found'],
      [
        ['device', device.name],
        ['serial', device.serial || 'none'],
        ['state', state === device.status ? state : `${state} (NetBox: ${device.status})`],
        ['BMC interface', bmcs.map(({ name }) => name).join(', ') || 'none'],
        ['BMC MAC', macs.join(', ') || 'none'],
        ['BMC address', addresses.join(', ') || 'none'],
      ],
    ),
    ...decidedBlocks(decided, nowMs),
    say(''),
    ...next.says.map(line => say(line)),
    ...(next.command ? [say(`  ${view.paint.bold(next.command)}`)] : []),
  ];
}

/** Newest last, where the eye is. */
function decidedBlocks(decided: readonly Decided[], nowMs: number): Block[] {
  if (decided.length === 0) return [say('No lease of its BMC was seen.')];
  const rows = decided.map(({ at, lease, act, reason, times, runId }) => [
    `${agoText(at, nowMs)} ago`,
    lease.kind,
    lease.address,
    act,
    `${reason}${times > 1 ? ` (${counted(times, 'time')})` : ''}${runId ? `, run ${runId}` : ''}`,
    sourceText(lease),
  ]);
  return [table(['when', 'lease', 'address', 'decision', 'reason', 'seen by'], rows)];
}
