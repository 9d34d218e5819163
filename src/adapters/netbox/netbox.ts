import type { Change, ChangeKey, ObjectKind } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import type { References } from '../../core/invert.ts';
import { type ApplyOptions, applyChanges } from './apply.ts';
import { type Authored, readAuthors } from './change-log.ts';
import { openClient } from './client.ts';
import { type FleetReader, openFleetReader } from './fleet.ts';
import { type Identity, readIdentity } from './identity.ts';
import { referenceOf } from './kinds.ts';
import { type Done, findDone, readStanding, type Standing } from './look-up.ts';
import { countList, type Reader, type ReadOptions, type Row, readByValues, readList } from './read.ts';
import { missingRights, type Right } from './rights.ts';
import type { Version } from './versions.ts';

export type NetBoxOptions = {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** How long a NetBox that was there and went away is waited for, milliseconds. */
  readonly patienceMs: number;
  readonly userAgent: string;
};

/** An opened NetBox: reached, the token accepted, a version that bmtool speaks. */
export type NetBox = {
  readonly url: string;
  readonly version: Version;
  readonly identity: Identity;
  readonly fleet: FleetReader;
  /** All objects of a list; see `readList`. */
  list(path: string, options: ReadOptions): Promise<Row[]>;
  /** The objects for which a filter has one of many values; see `readByValues`. */
  listBy(path: string, name: string, values: readonly (string | number)[], options: ReadOptions): Promise<Row[]>;
  count(path: string, query?: ReadOptions['query']): Promise<number>;
  /** What an endpoint says of itself (OPTIONS): the allowed choices among others. */
  describe(path: string): Promise<unknown>;
  /** Objects as they stand now, in write form. */
  standing(kind: ObjectKind, ids: readonly number[], fields: readonly string[]): Promise<ReadonlyMap<number, Standing>>;
  /** Which changes have happened in fact, by looking. */
  findDone(changes: readonly Change[], idOf: (key: ChangeKey) => number | undefined): Promise<Map<ChangeKey, Done>>;
  /** Who changed an object after a moment, newest first, from NetBox's change log. */
  authorsSince(kind: ObjectKind, id: number, since: string): Promise<Authored[]>;
  /** The permissions for these verbs that this token lacks, by name: `dcim.change_interface`. Sends empty lists, which write nothing. */
  missingRights(wanted: readonly Right[]): Promise<string[]>;
  /** The kind whose id a field holds, for `invertChanges`. */
  readonly referenceOf: References;
  apply(changes: readonly Change[], options: ApplyOptions): Promise<void>;
  close(): Promise<void>;
};

/** gunicorn kills a worker after 120 s, so no answer can come later than that. */
const requestTimeoutMs = 125_000;

/** Connects and checks, or throws `Failure`: exit 5 not reachable, 4 not allowed, 2 too old or no NetBox at all. */
export async function openNetBox(options: NetBoxOptions): Promise<NetBox> {
  const client = openClient({
    url: options.url,
    token: options.token,
    timeoutMs: requestTimeoutMs,
    userAgent: options.userAgent,
  });
  try {
    const identity = await readIdentity(client, options.signal);
    const reader: Reader = {
      client,
      version: identity.version,
      patienceMs: options.patienceMs,
      signal: options.signal,
    };
    return withReader(reader, identity);
  } catch (error) {
    await client.close();
    throw error;
  }
}

function withReader(reader: Reader, identity: Identity): NetBox {
  return {
    url: reader.client.url,
    version: reader.version,
    identity,
    fleet: openFleetReader(reader),
    list: (path, options) => readList(reader, path, options),
    listBy: (path, name, values, options) => readByValues(reader, path, name, values, options),
    count: (path, query) => countList(reader, path, query),
    describe: path => describe(reader, path),
    standing: (kind, ids, fields) => readStanding(reader, kind, ids, fields),
    findDone: (changes, idOf) => findDone(reader, changes, idOf),
    authorsSince: (kind, id, since) => readAuthors(reader, kind, id, since),
    missingRights: wanted => missingRights(reader, wanted),
    referenceOf,
    apply: (changes, options) => applyChanges(reader, changes, options),
    close: () => reader.client.close(),
  };
}

async function describe(reader: Reader, path: string): Promise<unknown> {
  const answer = await reader.client.send('OPTIONS', path, { signal: reader.signal });
  if (answer.kind === 'answered' && answer.status === 200) return answer.body;
  throw new Failure(`NetBox at ${reader.client.url} does not describe ${path}`, { exit: 1 });
}
