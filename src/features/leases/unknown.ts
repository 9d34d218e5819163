import type { OuiRegistry } from '../../adapters/oui/registry.ts';
import { defineCommand } from '../../cli/command.ts';
import { say, table } from '../../cli/view.ts';
import type { Decided } from '../../core/lease-note.ts';
import { ouiOf } from '../../core/mac.ts';
import { serialIn, signsOf } from './signs.ts';
import { agoText, counted, sourceText } from './text.ts';
import { via } from './via.ts';

type UnknownBmc = {
  readonly mac: string;
  readonly address: string;
  readonly hostname: string;
  /** As the hostname says; empty when it says none. */
  readonly serial: string;
  readonly because: string;
  readonly seenBy: string;
  readonly since: string;
  readonly at: string;
  readonly times: number;
  readonly relay: string;
  readonly circuitId: string;
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
    const serials = bmcs.filter(({ serial }) => serial !== '').length;
    return [
      table(['mac', 'address', 'hostname', 'seen at', 'last', 'times', 'because'], rows),
      say(
        `${counted(bmcs.length, 'BMC')}. Put their MACs into a manifest (server_serial,server_bmc_mac) and load it: bmtool load-macs FILE`,
      ),
      ...(serials > 0 ? [say(`${serials} of them tell their serial by their hostname: --json has it.`)] : []),
    ];
  },
  json: ({ bmcs }) => bmcs,
});

function bmcOf({ lease, since, at, times }: Decided, oui: OuiRegistry): UnknownBmc {
  return {
    mac: lease.mac,
    address: lease.address,
    hostname: lease.hostname ?? '',
    serial: serialIn(lease.hostname) ?? '',
    because: signsOf(lease, oui.organisation(ouiOf(lease.mac))).because,
    seenBy: sourceText(lease),
    since,
    at,
    times,
    relay: lease.relay ?? '',
    circuitId: lease.circuitId ?? '',
  };
}
