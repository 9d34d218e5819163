import type { Snapshot } from '../../engine/snapshots/shelf.ts';
import type { Declined, PutBackOutcome, PutBackPlan } from './outcome.ts';

/** What is known of a record that was put away, here or in a file. */
export type RecordJson = {
  /** As somebody named it. */
  readonly name: string;
  /** ISO 8601, by the clock of the machine that saved it. */
  readonly savedAt: string;
  /** A word about it; may be empty. */
  readonly note: string;
  /** Who saved it: `ann@jump1`. */
  readonly who: string;
  /** The version of bmtool that saved it. */
  readonly tool: string;
  /** The name of NetBox's database. */
  readonly source: string;
  /** The version of NetBox; none when it did not say. */
  readonly netbox?: string;
  /** The phase that it is in; none when it is in none, or when NetBox did not say. */
  readonly phase?: number;
  /** What its database takes. */
  readonly bytes: number;
  /** The version of PostgreSQL. */
  readonly postgres: string;
  /** NetBox's migrations that were applied. */
  readonly migrations: {
    /** Of all of them. */
    readonly digest: string;
    /** How many. */
    readonly count: number;
    /** The last one of each of NetBox's apps. */
    readonly last: Readonly<Record<string, string>>;
  };
  /** A digest of NetBox's content types with their ids. */
  readonly types: string;
  /** A digest of the devices, interfaces and MAC addresses: whether two records are about the same fleet. */
  readonly fleet: string;
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** The discovery queue. */
  readonly queue: {
    /** Its key in Redis. */
    readonly key: string;
    /** Events that waited in it. */
    readonly events: number;
    /** Of the events in their order. */
    readonly digest: string;
  };
};

/** One snapshot. */
export type SnapshotJson = RecordJson & {
  /** When it was saved, UTC: `20261121-113012`; of two in one second with more behind it. */
  readonly timestamp: string;
  /** The database that has it. */
  readonly database: string;
  /** Counts up with every snapshot. */
  readonly number: number;
  /** NetBox's background jobs that waited. */
  readonly jobs: number;
  /** The file that it came from or went to. */
  readonly exported?: {
    /** Its path. */
    readonly file: string;
    /** ISO 8601. */
    readonly at: string;
  };
};

/** What a restore put in the place of NetBox's database. */
export type PutBackJson = Omit<PutBackOutcome, 'snapshot'> & {
  /** Where it was a snapshot, and not what the last restore put out. */
  readonly snapshot?: SnapshotJson;
};

/** What a restore would put there. */
export type PutBackPlanJson = Omit<PutBackPlan, 'snapshot'> & {
  /** Where it would be a snapshot, and not what the last restore put out. */
  readonly snapshot?: SnapshotJson;
};

/** Without the contents of queues, which may be long and belong to nobody who looks at a list. */
export function snapshotJson({ manifest, timestamp, database, bytes }: Snapshot): SnapshotJson {
  const { number, jobs, exported } = manifest;
  return {
    timestamp,
    database,
    number,
    ...recordJson(manifest),
    bytes,
    jobs: Object.keys(jobs.fields).length,
    ...(exported && { exported }),
  };
}

export function recordJson(about: Omit<Snapshot['manifest'], 'number' | 'jobs' | 'exported'>): RecordJson {
  const { name, savedAt, note, who, tool, source, netbox, phase, bytes } = about;
  const { postgres, migrations, types, fleet, rows, queue } = about;
  return {
    name,
    savedAt,
    note,
    who,
    tool,
    source,
    ...(netbox !== '' && { netbox }),
    ...(phase !== null && { phase }),
    bytes,
    postgres,
    migrations,
    types,
    fleet,
    rows,
    queue: { key: queue.key, events: queue.entries.length, digest: queue.digest },
  };
}

export function putBackJson(
  outcome: PutBackOutcome | PutBackPlan | Declined,
): PutBackJson | PutBackPlanJson | Declined {
  if (outcome.state === 'declined') return outcome;
  const { snapshot, ...rest } = outcome;
  return { ...rest, ...(snapshot && { snapshot: snapshotJson(snapshot) }) };
}
