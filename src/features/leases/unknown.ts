import type { OuiRegistry } from '../../adapters/oui/registry.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import type { Decided } from '../../core/lease-note.ts';
import { type Mac, ouiOf } from '../../core/mac.ts';
import { serialIn, signsOf } from './signs.ts';
import { agoText, sourceText } from './text.ts';
import { via } from './via.ts';

/** A BMC that NetBox does not know. */
type UnknownBmc = {
  /** Its MAC. */
  readonly mac: Mac;
  /** The address that it was given last. */
  readonly address: string;
  /** As it says it. */
  readonly hostname: string | undefined;
  /** As the hostname says it. */
  readonly serial: string | undefined;
  /** What it looks like a BMC by. */
  readonly because: string;
  /** Who told of it. */
  readonly seenBy: string;
  /** ISO 8601: the first lease. */
  readonly since: string;
  /** ISO 8601: the newest lease. */
  readonly at: string;
  /** How many leases. */
  readonly times: number;
  /** The address of the relay. */
  readonly relay: string | undefined;
  /** Where the relay has it: option 82, sub-option 1. */
  readonly circuitId: string | undefined;
};

export const unknown = defineCommand({
  path: 'dhcp unknown',
  summary: 'List BMCs that asked for an address and whose MAC NetBox does not have',
  examples: [{ line: 'bmtool dhcp unknown', says: 'what nobody has in their books, with where it is plugged in' }],
  exits: { 5: 'with --via redis: Redis could not be reached' },
  args: { via },
  needs: ['leaseStore', 'oui', 'clock'],
  async run(wish, { leaseStore, oui, clock }) {
    const notes = (await (await leaseStore(wish.via)).notes.all()).values();
    const last = [...notes].flatMap(note => note.decided.at(-1) ?? []).filter(({ act }) => act === 'unknown');
    const bmcs = last.map(decided => bmcOf(decided, oui)).sort((a, b) => (a.at < b.at ? 1 : -1));
    return { bmcs, nowMs: clock() };
  },
  text({ bmcs, nowMs }) {
    if (bmcs.length === 0) return [say('No unknown BMC asked for an address.')];
    const rows = bmcs.map(bmc => [
      bmc.mac,
      bmc.address,
      bmc.hostname || '–',
      bmc.circuitId || bmc.relay || '–',
      `${agoText(bmc.at, nowMs)} ago`,
      String(bmc.times),
      bmc.because,
    ]);
    const serials = bmcs.filter(({ serial }) => serial !== undefined).length;
    return [
      table(['mac', 'address', 'hostname', 'seen at', 'last', 'times', 'because'], rows),
      say(
        `${counted(bmcs.length, 'BMC')}. Put their MACs into a manifest (server_serial,server_bmc_mac) and load it: bmtool load-macs FILE`,
      ),
      ...(serials > 0
        ? [
            say(
              `${counted(serials, 'of them tells its serial by its', 'of them tell their serial by their')} hostname: --json has it.`,
            ),
          ]
        : []),
    ];
  },
  /** BMCs that NetBox does not know, those last seen first. */
  json: ({ bmcs }) => bmcs,
});

function bmcOf({ lease, since, at, times }: Decided, oui: OuiRegistry): UnknownBmc {
  return {
    mac: lease.mac,
    address: lease.address,
    hostname: lease.hostname,
    serial: serialIn(lease.hostname),
    because: signsOf(lease, oui.organisation(ouiOf(lease.mac))).because,
    seenBy: sourceText(lease),
    since,
    at,
    times,
    relay: lease.relay,
    circuitId: lease.circuitId,
  };
}
