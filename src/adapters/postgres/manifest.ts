import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import * as v from 'valibot';

const plainJobs = v.object({
  queues: v.record(v.string(), v.array(v.string())),
  scheduled: v.record(v.string(), v.array(v.tuple([v.string(), v.number()]))),
  fields: v.record(v.string(), v.record(v.string(), v.string())),
});

/** 600 changes leave NetBox 2,600 jobs to do, 3 MB: packed it is a fifth of that. */
const jobs = v.union([plainJobs, v.pipe(v.string(), v.rawTransform(unpackJobs), plainJobs)]);

/** Names and values of one or more things that were waiting in Redis when a record was put away. */
const waiting = v.object({
  /** The discovery queue, from the head. */
  queue: v.object({ key: v.string(), entries: v.array(v.string()), digest: v.string() }),
  /** NetBox's background jobs that had not begun; see `adapters/redis/netbox-jobs.ts`. */
  jobs,
});

/** What NetBox made of a database, whatever is in it. */
const makeup = v.object({
  /** The applied migrations: a digest of all, their number, and the last of each app. */
  migrations: v.object({ digest: v.string(), count: v.number(), last: v.record(v.string(), v.string()) }),
  /** A digest of the content types with their ids: NetBox's processes remember these. */
  types: v.string(),
});

/** What a database says about itself. */
const databaseFacts = v.object({
  /** `18.4` */
  postgres: v.string(),
  ...makeup.entries,
  /** A digest of the devices, interfaces and MAC addresses: whether two records are about the same fleet. */
  fleet: v.string(),
  /** Rows by table. */
  rows: v.record(v.string(), v.number()),
});

/** ISO 8601, and one that a clock can show. */
const aTime = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.check(text => Number.isFinite(Date.parse(text))),
);
const anOrdinal = v.pipe(v.number(), v.safeInteger(), v.minValue(1));

const manifest = v.object({
  format: v.literal(1),
  name: v.string(),
  /** Counts up with every snapshot: the order in which they were saved, whatever clocks say. */
  number: anOrdinal,
  /** ISO 8601, by the clock of the machine that saved it. */
  savedAt: aTime,
  note: v.string(),
  /** `ann@jump1` */
  who: v.string(),
  /** Version of bmtool. */
  tool: v.string(),
  /** The name of NetBox's database. */
  source: v.string(),
  /** Of the NetBox that answered then; empty when none did. */
  netbox: v.string(),
  phase: v.nullable(v.number()),
  bytes: v.number(),
  ...databaseFacts.entries,
  ...waiting.entries,
  /** The file that it came from or went to, and when. */
  exported: v.optional(v.object({ file: v.string(), at: v.string() })),
});

/**
 * What a file says of the snapshot in it. Not its place in the order of one cluster; and no background jobs: these are pickled Python, which
 * NetBox's workers would carry out, whoever wrote the file.
 */
export const fileManifest = v.omit(manifest, ['number', 'jobs', 'exported']);

const warmNote = v.object({ format: v.literal(1), of: v.string() });

const undoNote = v.object({
  format: v.literal(1),
  /** Counts up with every database that is put out. */
  number: anOrdinal,
  /** What put it out: `restore 1 (20261121-113012)`. */
  by: v.string(),
  at: aTime,
  ...waiting.entries,
});

/** `undo` is for the time after the exchange, when the database that is blocked has become the undo copy. */
const liveNote = v.variant('doing', [
  v.object({ doing: v.literal('blocked'), undo: v.optional(undoNote) }),
  v.object({ doing: v.literal('restored'), waiting, comment: v.string(), undo: v.optional(undoNote) }),
]);

export type Waiting = v.InferOutput<typeof waiting>;
export type WaitingJobs = Waiting['jobs'];
/** See `makeup`. */
export type Makeup = v.InferOutput<typeof makeup>;
export type DatabaseFacts = v.InferOutput<typeof databaseFacts>;
/** All that is known of a snapshot: the comment of its database, and the head of an exported file. */
export type Manifest = v.InferOutput<typeof manifest>;
/** See `fileManifest`. */
export type FileManifest = v.InferOutput<typeof fileManifest>;
/** The comment of a copy that is ready: the database of the snapshot that it is a copy of. */
export type WarmNote = v.InferOutput<typeof warmNote>;
/** What is noted on a database that a restore put out. */
export type UndoNote = v.InferOutput<typeof undoNote>;

/** Why a comment tells nothing: somebody changed it, or a newer bmtool wrote it. */
export type Unreadable = {
  /** Why, in words. */
  readonly unreadable: string;
};

export const readManifest = (text: string) => read(manifest, text);
export const readWarmNote = (text: string) => read(warmNote, text);

/**
 * A note of bmtool's in the comment of NetBox's own database, below what its owner wrote there. It says that a step is under way, and
 * is there exactly as long as that is so: it is written in the transaction that begins the step and gone with the one that ends it.
 *
 * - `blocked`: clients are refused.
 * - `restored`: the database is in its place; caches and queues are still those of the one before. What belongs into the queues, and
 *   the words of the owner, which are the database's again when the step ends.
 *
 * On the undo copy it stays, with what put it out.
 */
export type LiveNote = v.InferOutput<typeof liveNote>;

/** Nothing for what is no note of bmtool's. */
export function readLiveNote(text: string): LiveNote | undefined {
  try {
    const parsed = v.safeParse(liveNote, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}

/** As it is written into a comment. */
export function noteText(note: Manifest | WarmNote | LiveNote): string {
  return JSON.stringify(note, (key, value) => (key === 'jobs' ? packJobs(value) : value));
}

const packedMark = 'zstd:';
const mostBytes = 500_000_000;

/** An app of NetBox's may be called "jobs", too: then this is the name of its last migration. */
function packJobs(value: WaitingJobs | string): WaitingJobs | string {
  if (typeof value === 'string' || Object.keys(value.fields).length === 0) return value;
  return `${packedMark}${zstdCompressSync(JSON.stringify(value)).toString('base64')}`;
}

function unpackJobs({ dataset, addIssue, NEVER }: v.RawTransformContext<string>): unknown {
  try {
    if (!dataset.value.startsWith(packedMark)) throw new Error('not packed');
    const bytes = Buffer.from(dataset.value.slice(packedMark.length), 'base64');
    return JSON.parse(zstdDecompressSync(bytes, { maxOutputLength: mostBytes }).toString());
  } catch {
    addIssue({ message: 'jobs that cannot be unpacked' });
    return NEVER;
  }
}

/** Of the queue's entries, in their order. */
export function digestOf(entries: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex').slice(0, 16);
}

function read<S extends v.GenericSchema<unknown, object>>(schema: S, text: string): v.InferOutput<S> | Unreadable {
  if (text === '') return { unreadable: 'it has no manifest: its comment is gone' };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { unreadable: 'its comment is not a manifest of bmtool' };
  }
  const { format } = (json ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format > 1)
    return { unreadable: `its manifest has format ${format}, of a newer bmtool` };
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  return { unreadable: `its manifest is damaged at "${v.getDotPath(issue) ?? 'its beginning'}"` };
}
