import type { Met, NetBox } from '../../adapters/netbox/netbox.ts';
import type { Settings } from '../../settings.ts';
import { runChecks } from './checks.ts';
import { type PhaseNumber, phaseNumbers, statusOf } from './phase.ts';
import { fleetOf } from './planning.ts';

/** What a record says about itself through NetBox: its version, and the phase whose verification it passes. Never throws. */
export type RecordNow = () => Promise<{
  /** Empty when NetBox did not say, or not all that a phase wants to know: then that is not known either. */
  readonly netbox: string;
  readonly phase: PhaseNumber | undefined;
  /** Why NetBox did not say. */
  readonly silent?: string;
}>;

/** The verification of a phase whose status all servers have. Events in the queue are kept with a snapshot and do not speak against a phase. */
export function openRecordNow(tools: { meetNetBox: () => Promise<Met>; settings: Settings }): RecordNow {
  return async () => {
    try {
      const { netbox } = await tools.meetNetBox();
      return { netbox: netbox.version.text, phase: await phaseOf(netbox, tools.settings) };
    } catch (error) {
      return { netbox: '', phase: undefined, silent: (error as Error).message };
    }
  };
}

async function phaseOf(netbox: NetBox, settings: Settings): Promise<PhaseNumber | undefined> {
  const { statusMap } = settings;
  const { servers, filter } = await netbox.fleet.serverNames(settings.get('BMTOOL_SERVER_ROLE'));
  for (const phase of phaseNumbers) {
    const count = await netbox.countBy('dcim/devices/', ...filter, [['status', statusOf(phase, statusMap)]]);
    if (count !== servers.length || count === 0) continue;
    const checks = await runChecks(netbox, { ...fleetOf(settings), phase, limit: undefined, statusMap, events: 0 });
    if (checks.every(({ ok }) => ok)) return phase;
  }
  return undefined;
}
