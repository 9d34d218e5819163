import type { Met } from '../../adapters/netbox/netbox.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { Dumps } from '../../adapters/postgres/dump/dumps.ts';
import type { SnapshotFiles } from '../../adapters/postgres/file/files.ts';
import type { LastWords } from '../../core/last-words.ts';
import type { Progress } from '../../core/progress.ts';
import type { Surroundings } from './waiting.ts';

/** What snapshots are made with. */
export type SnapshotsTools = {
  readonly database: Database;
  readonly dumps: Dumps;
  readonly files: SnapshotFiles;
  /** Opened when something is written: to list snapshots takes no Redis. */
  readonly surroundings: () => Promise<Surroundings>;
  /** Asked anew until it answers: what is put back may be what makes NetBox answer again. */
  readonly meetNetBox: () => Promise<Met>;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  readonly lastWords: LastWords;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** `ann@jump1` */
  readonly who: string;
  /** `ann@jump1, process 4711`: who has the lock. */
  readonly process: string;
  /** Version of bmtool. */
  readonly version: string;
  /** How long others' work in the database is waited for. */
  readonly timeoutMs: number;
  readonly digestOf: (entries: readonly string[]) => string;
};
