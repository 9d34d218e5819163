import type { Capture } from './adapters/capture/capture.ts';
import type { Name } from './adapters/completion-cache/completion-cache.ts';
import type { DiskProbe } from './adapters/disk/probe.ts';
import type { LeaseFiles } from './adapters/lease-files/lease-files.ts';
import type { Machine } from './adapters/machine/machine.ts';
import type { NetBox } from './adapters/netbox/netbox.ts';
import type { NetBoxProbe } from './adapters/netbox/probe.ts';
import type { OuiRegistry } from './adapters/oui/registry.ts';
import type { SnapshotFiles } from './adapters/postgres/file/files.ts';
import type { PostgresProbe } from './adapters/postgres/probe.ts';
import type { RedisProbe } from './adapters/redis/probe.ts';
import type { Redis } from './adapters/redis/redis.ts';
import type { RunStore } from './adapters/runs/store.ts';
import type { Sheets } from './adapters/sheet/sheets.ts';
import type { SpoolProbe } from './adapters/spool/probe.ts';
import type { Spool } from './adapters/spool/spool.ts';
import type { LiveValues } from './cli/arguments.ts';
import type { Ask } from './cli/ask.ts';
import type { Confirm } from './cli/confirm.ts';
import type { LeaseQueue, LeaseStore } from './core/lease-queue.ts';
import type { Progress } from './core/progress.ts';
import type { CarryOut } from './engine/carry-out.ts';
import type { AwaitLanding } from './engine/landing.ts';
import type { Snapshots } from './engine/snapshots/snapshots.ts';
import type { TakeTurn } from './engine/take-turn.ts';
import type { PlayLeases } from './features/leases/play.ts';
import type { FleetLeases } from './features/phases/fleet-leases.ts';
import type { RecordNow } from './features/phases/record-now.ts';
import type { Lab } from './lab/lab.ts';
import type { LabProbe } from './lab/probe.ts';
import type { Manual } from './manual.ts';
import type { Settings } from './settings.ts';
import type { PublishedSchema } from './shipped/schemas.ts';

/**
 * Everything that a command may ask for by name in `needs`. Types only: `world.ts` opens them, and only those asked for.
 */
export type Toolbox = {
  /** Opened means: reachable, the token accepted, a version that bmtool knows. */
  netbox: NetBox;
  /** Carries a plan out as a run. */
  carryOut: CarryOut;
  runs: RunStore;
  awaitLanding: AwaitLanding;
  sheets: Sheets;
  spool: Spool;
  capture: Capture;
  leaseFiles: LeaseFiles;
  /** Lease events to work off: of this machine's spool, or via Redis. Nothing when another worker has the spool and `wait` is false, or was interrupted. */
  leaseQueue: (wish: { via: string | undefined; wait: boolean }) => Promise<LeaseQueue | undefined>;
  /** What is known about leases, for those who only look. */
  leaseStore: (via: string | undefined) => Promise<LeaseStore>;
  /** The leases that bring servers to phase 1. */
  fleetLeases: FleetLeases;
  /** Plays leases through the spool and has them worked off. */
  playLeases: PlayLeases;
  /** This machine's name. */
  hostName: string;
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** This machine: programs and files of DHCP servers. */
  machine: Machine;
  oui: OuiRegistry;
  lab: Lab;
  settings: Settings;
  /** The published JSON Schemas. */
  schemas: () => readonly PublishedSchema[];
  progress: Progress;
  /** Questions to a person on a terminal. */
  ask: Ask;
  /** All that bmtool says about itself. */
  manual: Manual;
  /** Names of what there is now, for a shell that completes: never an error, never long. */
  liveValues: (of: LiveValues) => Promise<readonly Name[]>;
  /** Asks on a terminal; without one the answer is yes, unless the target is protected. */
  confirm: Confirm;
  /** Aborted by Ctrl-C: finish what is in flight and return. */
  interrupt: AbortSignal;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** What the doctor asks with: each loads what it needs when it is called, so that NetBox is at work by then. */
  netboxProbe: NetBoxProbe;
  postgresProbe: PostgresProbe;
  redisProbe: RedisProbe;
  labProbe: () => Promise<ReturnType<LabProbe>>;
  diskProbe: DiskProbe;
  spoolProbe: SpoolProbe;
  redis: Redis;
  /** Opens Redis only when it is needed: an undo of a run that touched no queue works without. */
  tryRedis: () => Promise<Redis>;
  takeTurn: TakeTurn;
  /** Opened means: PostgreSQL reached. */
  snapshots: Snapshots;
  snapshotFiles: SnapshotFiles;
  /** Opens PostgreSQL only when it is needed. */
  trySnapshots: () => Promise<Snapshots>;
  recordNow: RecordNow;
  /** Opens a NetBox that is not in the settings yet. */
  netboxAt: (url: string, token: string) => Promise<NetBox>;
  /** Opens NetBox only when it is needed. */
  tryNetbox: () => Promise<NetBox>;
  /** No tool but a head start: NetBox is asked already what `snapshots` will want to know of it, while the others are opened. */
  netboxAhead: undefined;
};
