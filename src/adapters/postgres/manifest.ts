import { createHash } from 'node:crypto';
import * as v from 'valibot';

/** Names and values of one or more things that were waiting in Redis when a record was put away. */
const waiting = v.object({
  /** The discovery queue, from the head. */
  queue: v.object({ key: v.string(), entries: v.array(v.string()), digest: v.string() }),
  /** NetBox's background jobs that had not begun; see `adapters/redis/netbox-jobs.ts`. */
  jobs: v.object({
    queues: v.record(v.string(), v.array(v.string())),
    scheduled: v.record(v.string(), v.array(v.tuple([v.string(), v.number()]))),
    fields: v.record(v.string(), v.record(v.string(), v.string())),
  }),
});

/** What a database says about itself. */
const databaseFacts = v.object({
  /** `18.4` */
  postgres: v.string(),
  /** The applied migrations: a digest of all, their number, and the last of each app. */
  migrations: v.object({ digest: v.string(), count: v.number(), last: v.record(v.string(), v.string()) }),
  /** A digest of the content types with their ids: NetBox's processes remember these. */
  types: v.string(),
  /** A digest of the devices, interfaces and MAC addresses: whether two records are about the same fleet. */
  fleet: v.string(),
  /** Rows by table. */
  rows: v.record(v.string(), v.number()),
});

const manifest = v.object({
  format: v.literal(1),
  name: v.string(),
  /** Counts up with every snapshot: the order in which they were saved, whatever clocks say. */
  number: v.number(),
  /** ISO 8601, by the clock of the machine that saved it. */
  savedAt: v.pipe(v.string(), v.isoTimestamp()),
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

const warmNote = v.object({ format: v.literal(1), of: v.string() });

const undoNote = v.object({
  format: v.literal(1),
  /** Counts up with every database that is put out. */
  number: v.number(),
  /** What put it out: `restore 1 (20261121-113012)`. */
  by: v.string(),
  at: v.pipe(v.string(), v.isoTimestamp()),
  ...waiting.entries,
});

const liveNote = v.variant('doing', [
  v.object({ doing: v.literal('blocked') }),
  v.object({ doing: v.literal('restored'), waiting }),
]);

export type Waiting = v.InferOutput<typeof waiting>;
export type WaitingJobs = Waiting['jobs'];
export type DatabaseFacts = v.InferOutput<typeof databaseFacts>;
/** All that is known of a snapshot: the comment of its database, and the head of an exported file. */
export type Manifest = v.InferOutput<typeof manifest>;
/** The comment of a copy that is ready: the database of the snapshot that it is a copy of. */
export type WarmNote = v.InferOutput<typeof warmNote>;
/** The comment of a database that a restore put out. */
export type UndoNote = v.InferOutput<typeof undoNote>;

/** Why a comment tells nothing: somebody changed it, or a newer bmtool wrote it. */
export type Unreadable = { readonly unreadable: string };

export const readManifest = (text: string) => read(manifest, text);
export const readWarmNote = (text: string) => read(warmNote, text);
export const readUndoNote = (text: string) => read(undoNote, text);

/** Nothing for what is no note of bmtool's. */
export function readLiveNote(text: string): v.InferOutput<typeof liveNote> | undefined {
  try {
    const parsed = v.safeParse(liveNote, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
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
