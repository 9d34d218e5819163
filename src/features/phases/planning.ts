import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { EventQueue, QueueEntry } from '../../adapters/redis/queue.ts';
import type { Change } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import type { Settings } from '../../settings.ts';
import { changesFor } from './changes.ts';
import { type Decided, decide } from './decide.ts';
import { eventsAbout } from './events.ts';
import type { Facts } from './facts.ts';
import { type PhaseNumber, statusOf } from './phase.ts';
import { readDetails, readFacts } from './read.ts';

export type PhasePlan = { facts: Facts; decided: Decided; changes: Change[]; events: QueueEntry[] };
export type PlanWish = { readonly phase: PhaseNumber; readonly limit: number | undefined };

export async function makePlan(
  netbox: NetBox,
  queue: EventQueue,
  settings: Settings,
  { phase, limit }: PlanWish,
): Promise<PhasePlan> {
  await checkStatus(netbox, settings, phase);
  const [facts, entries] = await Promise.all([
    readFacts(netbox, { ...fleetOf(settings), limit, phases: [phase] }),
    queue.read(),
  ]);
  if (facts.total === 0) {
    throw new Failure(
      'no-servers',
      `No device has a role whose name contains "${settings.get('BMTOOL_SERVER_ROLE')}"`,
      { next: 'Set BMTOOL_SERVER_ROLE to a part of your role names. Nothing was changed.' },
    );
  }
  const decided = decide(facts, { phase, statusMap: settings.statusMap });
  if (decided.short) {
    const { free, wanted } = decided.short;
    throw new Failure(
      'bmc-prefix-full',
      `${facts.bmcNetwork?.text} is too small: ${counted(wanted, 'server needs', 'servers need')} a BMC address, and it has ${counted(free, 'free one')}`,
      { next: 'Nothing was changed. Free some addresses, or set BMTOOL_BMC_PREFIX to a larger prefix.' },
    );
  }
  const [details, events] = await Promise.all([
    readDetails(netbox, decided.decisions, facts),
    eventsOf(netbox, entries, limit === undefined ? undefined : facts.servers.map(({ id }) => id)),
  ]);
  return { facts, decided, changes: changesFor(decided.decisions, facts, details), events };
}

/** All events, or those about the devices with these ids. */
export async function eventsOf(
  netbox: NetBox,
  entries: readonly QueueEntry[],
  ids: readonly number[] | undefined,
): Promise<QueueEntry[]> {
  if (ids === undefined || entries.length === 0) return [...entries];
  const [devices, macs] = await Promise.all([
    netbox.listBy('dcim/devices/', 'id', ids, { fields: ['name', 'serial'] }),
    netbox.listBy('dcim/mac-addresses/', 'device_id', ids, { fields: ['mac_address'] }),
  ]);
  const words = devices.flatMap(({ name, serial }) => [name, serial]).filter(word => typeof word === 'string' && word);
  return eventsAbout(entries, { words: words as string[], macs: macs.map(row => String(row.mac_address)) });
}

/** How servers, their BMCs and their prefix are known. */
export function fleetOf(settings: Settings) {
  return {
    role: settings.get('BMTOOL_SERVER_ROLE'),
    bmcInterfaces: settings.bmcInterfaces,
    bmcPrefix: settings.get('BMTOOL_BMC_PREFIX'),
  };
}

/** The statuses that every NetBox has (DeviceStatusChoices); others come from its FIELD_CHOICES. */
const ordinaryStatuses = ['offline', 'active', 'planned', 'staged', 'failed', 'inventory', 'decommissioning'];

/** A status that this NetBox does not have would be refused 601 times. */
async function checkStatus(netbox: NetBox, settings: Settings, phase: PhaseNumber): Promise<void> {
  const status = statusOf(phase, settings.statusMap);
  if (ordinaryStatuses.includes(status)) return;
  const known = await netbox.deviceStatuses();
  if (known.length === 0 || known.includes(status)) return;
  throw new Failure('no-such-status', `This NetBox has no device status "${status}", which BMTOOL_STATUS_MAP names`, {
    next: `Set BMTOOL_STATUS_MAP; it has ${known.join(', ')}. Nothing was changed.`,
  });
}
