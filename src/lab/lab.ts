import { Failure } from '../core/failure.ts';
import type { Progress } from '../core/progress.ts';
import type { LabContext } from './context.ts';
import { type DownReport, dataFolders, takeDown } from './down.ts';
import { type LogLine, type LogsWanted, readLogs } from './logs.ts';
import { placesOf } from './places.ts';
import { type ResetReport, resetLab } from './reset.ts';
import { readRunningLab } from './running.ts';
import { type LabStatus, readStatus } from './status.ts';
import { bringUp, type WantedFleet } from './up.ts';

export type LabOptions = {
  /** bmtool's state directory; the lab is in `lab/` under it. */
  readonly stateDir: string;
  /** Downloads and environments, shared by all labs of this user. */
  readonly cacheDir: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /**
   * LAB_PORTS=auto takes free ports instead of the defaults; LAB_PG_BIN, LAB_REDIS_SERVER and LAB_PYTHON name programs to use
   * instead of those that would be found.
   */
  readonly env: NodeJS.ProcessEnv;
};

/** A real NetBox with its PostgreSQL and Redis on this machine. No process stands behind this: services outlive it. */
export type Lab = {
  /** What `down` deletes with `purge`. */
  readonly folders: readonly string[];
  /** Returns when NetBox answers. Harmless when it does already. */
  up(wanted?: WantedFleet): Promise<LabStatus>;
  down(options?: { purge: boolean }): Promise<DownReport>;
  reset(): Promise<ResetReport>;
  status(): Promise<LabStatus>;
  logs(wanted: LogsWanted): AsyncIterable<LogLine>;
  /** The settings that lead to it; a `Failure` (exit 5) when it does not run. */
  env(): Promise<Record<string, string>>;
};

export function openLab(options: LabOptions): Lab {
  const { stateDir, cacheDir, ...rest } = options;
  const lab: LabContext = { ...rest, places: placesOf(stateDir, cacheDir) };
  return {
    folders: dataFolders(lab.places),
    async up(wanted = {}) {
      await bringUp(lab, wanted);
      return readStatus(lab);
    },
    down: ({ purge } = { purge: false }) => takeDown(lab, { purge }),
    reset: () => resetLab(lab),
    status: async () => readStatus(lab),
    logs: wanted => readLogs(lab, wanted),
    async env() {
      const settings = readRunningLab(stateDir);
      if (settings === undefined)
        throw new Failure('lab-not-running', 'The lab is not running.', { next: 'Run `bmtool lab up`.' });
      return settings;
    },
  };
}
