import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { FleetLease } from '../../core/lease.ts';
import { parseMac } from '../../core/mac.ts';
import type { Problem } from '../../core/problem.ts';
import type { Settings } from '../../settings.ts';
import { decide } from './decide.ts';
import { fleetOf } from './planning.ts';
import { readFacts } from './read.ts';

/** The leases that bring servers to phase 1, each with the address that phase 1 gives the server; and the servers that no lease can reach. */
export type FleetLeases = (
  limit: number | undefined,
) => Promise<{ readonly leases: readonly FleetLease[]; readonly problems: readonly Problem[] }>;

export function openFleetLeases({ netbox, settings }: { netbox: NetBox; settings: Settings }): FleetLeases {
  return async limit => {
    const facts = await readFacts(netbox, { ...fleetOf(settings), limit, phases: [1] });
    const { decisions } = decide(facts, { phase: 1, statusMap: settings.statusMap });
    const macs = await netbox.fleet.macsOn(decisions.flatMap(({ server }) => server.bmcs.map(({ id }) => id)));
    const macOf = new Map(macs.flatMap(({ address, on }) => (on ? [[on.id, address] as const] : [])));
    const leases: FleetLease[] = [];
    const problems: Problem[] = [];
    for (const { server, address, problem } of decisions) {
      const reading = parseMac(macOf.get(server.bmcs[0]?.id ?? 0) ?? '');
      // Without anything to do about its address it keeps the one that it has.
      const given = address?.give ?? address?.promote?.address ?? server.addresses[0]?.address;
      if (problem) problems.push(problem);
      else if (!reading.ok || given === undefined)
        problems.push({ severity: 'error', subject: server.name, message: 'its BMC has no MAC in NetBox' });
      else
        leases.push({
          device: server.name,
          serial: server.serial,
          mac: reading.mac,
          address: given.split('/')[0] ?? '',
        });
    }
    return { leases, problems };
  };
}
