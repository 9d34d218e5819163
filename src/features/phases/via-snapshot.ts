import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { EventQueue } from '../../adapters/redis/queue.ts';
import { Failure } from '../../core/failure.ts';
import type { Snapshots } from '../../engine/snapshots/snapshots.ts';
import type { Settings } from '../../settings.ts';
import { runChecks } from './checks.ts';
import type { RestoreOutcome } from './outcome.ts';
import { type PhaseNumber, phaseText } from './phase.ts';
import { fleetOf } from './planning.ts';

export type ShortWay = {
  readonly phase: PhaseNumber;
  readonly command: string;
  readonly dryRun: boolean;
  readonly ask: (question: string) => Promise<boolean>;
};

type Tools = {
  readonly netbox: NetBox;
  readonly snapshots: Snapshots;
  readonly queue: EventQueue;
  readonly where: string;
  readonly settings: Settings;
  readonly clock: () => number;
};

/**
 * The short way into a phase: a snapshot of it that is of the same fleet. Everything else that has changed since goes back as well; what is
 * put out is kept. It is verified as the long way is.
 */
export async function restoreViaSnapshot(wish: ShortWay, tools: Tools): Promise<RestoreOutcome> {
  const { netbox, snapshots, queue, where, settings, clock } = tools;
  const { phase, command, dryRun, ask } = wish;
  const startedMs = clock();
  await snapshots.begin({ command });
  await snapshots.checkTarget();
  const snapshot = await snapshots.findPhase(phase);
  if (typeof snapshot === 'string') {
    throw new Failure('no-phase-snapshot', snapshot, {
      next: `Nothing was changed. Take the long way and keep the result: bmtool state restore ${phase} && bmtool snapshot save ${phase}`,
    });
  }
  const { servers } = await netbox.fleet.serverNames(settings.get('BMTOOL_SERVER_ROLE'));
  const outcome: RestoreOutcome = {
    phase,
    state: 'planned',
    dryRun,
    servers: servers.length,
    total: servers.length,
    planned: `the snapshot "${snapshot.manifest.name}" of ${snapshot.timestamp}`,
    changes: [],
    events: 0,
    queue: `${queue.key} on ${where}`,
    estimateSeconds: undefined,
    problems: [],
    results: [],
    failures: [],
    checks: [],
    runId: undefined,
    seconds: 0,
    via: { snapshot: snapshot.manifest.name, timestamp: snapshot.timestamp, blockedMs: 0 },
  };
  if (dryRun) return outcome;
  const askedMs = clock();
  const lost = `What was written to NetBox since ${outcome.planned} goes; bmtool snapshot undo brings it back.`;
  if (!(await ask(`${lost} Put it in the place of ${snapshots.source}, for ${phaseText(phase)}?`)))
    return { ...outcome, state: 'declined' };
  const asking = clock() - askedMs;
  const { blockedMs } = await snapshots.putBack({ what: snapshot, by: command, force: false });
  const checks = await runChecks(netbox, {
    ...fleetOf(settings),
    phase,
    limit: undefined,
    statusMap: settings.statusMap,
    events: await queue.length(),
  });
  const seconds = (clock() - startedMs - asking) / 1000;
  await snapshots.tidyUp();
  await snapshots.warm(snapshot);
  return { ...outcome, state: 'applied', checks, seconds, via: { ...outcome.via, blockedMs } as RestoreOutcome['via'] };
}
