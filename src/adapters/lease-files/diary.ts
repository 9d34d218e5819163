import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { type DhcpServer, dhcpServers } from '../../core/lease.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { addressOf, macOf, present } from './entry.ts';
import type { Memory, Told } from './news.ts';
import type { Place } from './place.ts';

/** What a follower knows of a file: kept on disk, so that nothing is told twice after a restart, and nothing left out. */
export type Diary = {
  readonly server: DhcpServer;
  readonly told: Memory;
  /** When the file was last looked at, seconds since 1970; nothing before the first time. */
  readAt: number | undefined;
  /** How far it was read; nothing for a file that is rewritten whole. */
  place: Place | undefined;
};

/** More addresses than one server gives: a file with more is not taken for a lease file. */
export const mostAddresses = 1_000_000;

/** `<state directory>/follow/dhcpd.leases-1f2e3d4c5b6a.json`: two files of one name are two. */
export function diaryPathOf(stateDir: string, path: string): string {
  const name = basename(path)
    .replaceAll(/[^\w.-]/g, '_')
    .slice(0, 100);
  const digest = createHash('sha256').update(path).digest('hex').slice(0, 12);
  return join(stateDir, 'follow', `${name}-${digest}.json`);
}

/** Reads a diary. A missing or damaged one, or one about another kind of file, is nothing: then all valid leases are told again. */
export function readDiary(diaryPath: string, path: string, server: DhcpServer): Diary {
  const empty: Diary = { server, told: new Map(), readAt: undefined, place: undefined };
  try {
    const read = JSON.parse(readFileSync(diaryPath, 'utf8')) as Partial<Record<string, unknown>>;
    if (read.format !== 1 || read.file !== path || read.server !== server || !dhcpServers.includes(server))
      return empty;
    if (!isCount(read.readAt) || typeof read.told !== 'object' || read.told === null) return empty;
    const told = Object.entries(read.told).flatMap(([address, row]) => readTold(address, row));
    return { server, told: new Map(told), readAt: read.readAt, place: readPlace(read.place) };
  } catch {
    return empty;
  }
}

/** Replaces the diary in one step: a reader sees the old one or the new one, also when this process is killed. */
export function saveDiary(diaryPath: string, path: string, { server, told, readAt, place }: Diary): void {
  const rows = [...told].map(([address, { mac, endsAt, touchedAt, hostname }]) => [
    address,
    [mac, endsAt, touchedAt, ...(hostname === undefined ? [] : [hostname])],
  ]);
  const text = JSON.stringify({ format: 1, file: path, server, readAt, place, told: Object.fromEntries(rows) });
  const draft = `${diaryPath}.${process.pid}`;
  try {
    makeFolder(dirname(diaryPath), 0o700);
    writeFileSync(draft, `${text}\n`, { mode: 0o600 });
    renameSync(draft, diaryPath);
  } catch (error) {
    throw new Failure('diary-unwritable', `Cannot write down what was told: ${(error as Error).message}`, {
      cause: error,
      next: 'Make room, or set BMTOOL_STATE_DIR to a folder that can be written. What was told since will be told again, which harms nothing.',
    });
  }
}

function readTold(address: string, row: unknown): [string, Told][] {
  if (!Array.isArray(row)) return [];
  const [macText, endsAt, touchedAt, hostname] = row as unknown[];
  const mac = macOf(String(macText));
  if (addressOf(address) !== address || mac === undefined || !isCount(endsAt) || !isCount(touchedAt)) return [];
  return [
    [
      address,
      { mac, endsAt, touchedAt, ...present({ hostname: typeof hostname === 'string' ? hostname : undefined }) },
    ],
  ];
}

function readPlace(value: unknown): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { file, offset, tail } = value as Partial<Record<string, unknown>>;
  return typeof file === 'string' && isCount(offset) && typeof tail === 'string' ? { file, offset, tail } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
