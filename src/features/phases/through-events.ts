import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { EventQueue } from '../../adapters/redis/queue.ts';
import type { FleetLease } from '../../core/lease.ts';
import type { CarryOut } from '../../engine/carry-out.ts';
import type { Settings } from '../../settings.ts';
import type { FleetLeases } from './fleet-leases.ts';
import { makePlan, type PlanWish } from './planning.ts';

export type EventsTools = {
  readonly netbox: NetBox;
  readonly queue: EventQueue;
  readonly where: string;
  readonly settings: Settings;
  readonly carryOut: CarryOut;
  readonly fleetLeases: FleetLeases;
  readonly playLeases: (leases: readonly FleetLease[]) => Promise<void>;
};

/** Phase 1 the way the real world reaches it: everything off, then the BMCs ask for addresses and a worker decides about each. */
export async function powerOn(
  command: string,
  wish: PlanWish,
  tools: EventsTools,
): Promise<{ interrupted: boolean; played: number }> {
  const { netbox, queue, where, settings, carryOut, fleetLeases, playLeases } = tools;
  const { changes, events } = await makePlan(netbox, queue, settings, { ...wish, phase: 0 });
  const off = await carryOut({ command, changes, queue: { redis: where, queue, op: 'remove', entries: events } });
  if (off.interrupted) return { interrupted: true, played: 0 };
  const { leases } = await fleetLeases(wish.limit);
  await playLeases(leases);
  return { interrupted: false, played: leases.length };
}
