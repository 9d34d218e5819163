import type { Change, ChangeKey, ObjectKind } from '../../core/change.ts';
import type { References } from '../../core/invert.ts';
import type { Right } from '../../core/rights.ts';
import { type AddressingReader, openAddressingReader } from './addressing.ts';
import { type ApplyOptions, applyChanges } from './apply.ts';
import { type CablingReader, openCablingReader } from './cabling.ts';
import { type Authored, type LoggedChange, readAuthors, readNewestChange } from './change-log.ts';
import { openClient } from './client.ts';
import { type FleetReader, openFleetReader } from './fleet.ts';
import { type Identity, readIdentity } from './identity.ts';
import { kinds, referenceOf } from './kinds.ts';
import { type Done, findDone, readStanding, type Standing } from './look-up.ts';
import {
  countByValues,
  countList,
  type Line,
  type Reader,
  type ReadOptions,
  type Row,
  readByValues,
  readFailure,
  readList,
} from './read.ts';
import { missingRights } from './rights.ts';
import { askStatuses, statusesIn } from './statuses.ts';
import type { Version } from './versions.ts';
import { openVigil, unwatched } from './vigil.ts';

export type NetBoxOptions = {
  readonly url: string;
  readonly token: string;
  readonly signal: AbortSignal;
  /** How long a NetBox that does not answer is waited for, milliseconds: all tries of one read together. */
  readonly patienceMs: number;
  /** The same in the middle of writing, where giving up leaves things half done; as long when it is not said. */
  readonly writePatienceMs?: number;
  /** How long connecting may take, milliseconds. */
  readonly connectTimeoutMs?: number;
  readonly userAgent: string;
  /** How long the first answers may take, milliseconds; as long as any other when it is not said. */
  readonly helloMs?: number;
  /** Hears what NetBox is waited for. */
  readonly note?: (text: string) => void;
};

/** An opened NetBox: reached, the token accepted, a version that bmtool speaks. */
export type NetBox = {
  readonly url: string;
  readonly version: Version;
  readonly identity: Identity;
  readonly fleet: FleetReader;
  readonly cabling: CablingReader;
  readonly addressing: AddressingReader;
  /** All objects of a list; see `readList`. */
  list(path: string, options: ReadOptions): Promise<Row[]>;
  /** The objects for which a filter has one of many values; see `readByValues`. */
  listBy(path: string, name: string, values: readonly (string | number)[], options: ReadOptions): Promise<Row[]>;
  count(path: string, query?: ReadOptions['query']): Promise<number>;
  /** The same for a filter with one of many values. */
  countBy(
    path: string,
    name: string,
    values: readonly (string | number)[],
    query?: ReadOptions['query'],
  ): Promise<number>;
  /** The statuses that this NetBox offers for devices (FIELD_CHOICES included); none to a token that may not write them. */
  deviceStatuses(): Promise<string[]>;
  /** Objects as they stand now, in write form. */
  standing(kind: ObjectKind, ids: readonly number[], fields: readonly string[]): Promise<ReadonlyMap<number, Standing>>;
  /** Objects with all that making them again takes: the before-images of deletes. */
  whole(kind: ObjectKind, ids: readonly number[]): Promise<ReadonlyMap<number, Standing>>;
  /** Which changes have happened in fact, by looking. */
  findDone(changes: readonly Change[], idOf: (key: ChangeKey) => number | undefined): Promise<Map<ChangeKey, Done>>;
  /** Who changed an object after a moment, newest first, from NetBox's change log. */
  authorsSince(kind: ObjectKind, id: number, since: string): Promise<Authored[]>;
  newestChange(): Promise<LoggedChange | undefined>;
  /** The permissions that this token lacks, by name: `dcim.change_interface`. Writes nothing. */
  missingRights(wanted: readonly Right[]): Promise<string[]>;
  /** The kind whose id a field holds, for `invertChanges`. */
  readonly referenceOf: References;
  /** What changes cost NetBox 4.7 by the table of kinds, milliseconds of one core. */
  workOf(changes: readonly Change[]): number;
  apply(changes: readonly Change[], options: ApplyOptions): Promise<void>;
  close(): Promise<void>;
};

const defaultConnectMs = 5_000;

/** Connects and checks, or throws `Failure`: exit 5 not reachable, 4 not allowed, 2 too old or no NetBox at all. */
export async function openNetBox(options: NetBoxOptions): Promise<NetBox> {
  return (await opening(options, async () => {}))[0];
}

/** An opened NetBox, and what it said of its change log at the same time. */
export type Met = { readonly netbox: NetBox; readonly newest: LoggedChange | undefined };

/**
 * The same, and asks for the newest change in the same round of requests: under load each round takes its time. A change log that cannot be read
 * is taken for an empty one.
 */
export async function meetNetBox(options: NetBoxOptions): Promise<Met> {
  const [netbox, newest] = await opening(options, line =>
    readNewestChange({ ...line, patienceMs: 0 }, options.helloMs).catch(() => undefined),
  );
  return { netbox, newest };
}

/** @param alongside asked in the same round of requests */
async function opening<T>(options: NetBoxOptions, alongside: (line: Line) => Promise<T>): Promise<[NetBox, T]> {
  const { url, token, userAgent, patienceMs, signal, note, helloMs: timeoutMs } = options;
  const { connectTimeoutMs = defaultConnectMs, writePatienceMs = patienceMs } = options;
  const vigil = note === undefined ? unwatched : openVigil({ url, note });
  const client = openClient({ url, token, timeoutMs: patienceMs, connectTimeoutMs, userAgent, vigil });
  const line: Line = { client, patienceMs, signal };
  try {
    const [identity, other] = await Promise.all([readIdentity(client, { signal, timeoutMs }), alongside(line)]);
    return [withReader({ ...line, version: identity.version }, identity, writePatienceMs), other];
  } catch (error) {
    await client.close();
    throw error;
  }
}

function withReader(reader: Reader, identity: Identity, writePatienceMs: number): NetBox {
  return {
    url: reader.client.url,
    version: reader.version,
    identity,
    fleet: openFleetReader(reader),
    cabling: openCablingReader(reader),
    addressing: openAddressingReader(reader),
    list: (path, options) => readList(reader, path, options),
    listBy: (path, name, values, options) => readByValues(reader, path, name, values, options),
    count: (path, query) => countList(reader, path, query),
    countBy: (path, name, values, query) => countByValues(reader, path, name, values, query),
    deviceStatuses: () => readDeviceStatuses(reader),
    standing: (kind, ids, fields) => readStanding(reader, kind, ids, fields),
    whole: (kind, ids) => readStanding(reader, kind, ids, kinds[kind].whole ?? []),
    findDone: (changes, idOf) => findDone(reader, changes, idOf),
    authorsSince: (kind, id, since) => readAuthors(reader, kind, id, since),
    newestChange: () => readNewestChange(reader),
    missingRights: wanted => missingRights(reader, wanted),
    referenceOf,
    workOf: changes => changes.reduce((sum, { kind }) => sum + kinds[kind].cost, 0),
    apply: (changes, options) => applyChanges({ ...reader, patienceMs: writePatienceMs }, changes, options),
    close: () => reader.client.close(),
  };
}

async function readDeviceStatuses(reader: Reader): Promise<string[]> {
  const answer = await askStatuses(reader);
  if (answer.kind !== 'answered' || answer.status !== 200) throw readFailure(reader, 'dcim/devices/', answer);
  return statusesIn(answer.body);
}
