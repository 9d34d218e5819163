import { stat } from 'node:fs/promises';
import { Failure } from '../../core/failure.ts';
import type { Dialect } from './dialects.ts';
import { mostAddresses } from './diary.ts';
import type { LeaseEntry } from './entry.ts';
import { headOf, identityOf, isMissing, type Place, placeIn, readFrom, withFile } from './place.ts';

/** How a file is from outside: equal as long as nobody has written to it or put another one in its place. */
export type Look = { readonly identity: string; readonly size: number; readonly mtimeNs: bigint };

/** The last word about each address, and how far the file itself was read. */
export type Whole = { readonly last: ReadonlyMap<string, LeaseEntry>; readonly place: Place };

export async function lookAt(path: string): Promise<Look | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return { identity: identityOf(found), size: Number(found.size), mtimeNs: found.mtimeNs };
  } catch (error) {
    if (isMissing(error)) return undefined;
    // Opening it says better what is wrong.
    return { identity: '', size: 0, mtimeNs: 0n };
  }
}

/**
 * Reads a file and those that come before it; nothing when others took their places, or were written anew, meanwhile.
 *
 * @param now how the file was when it was decided to read it
 */
export async function readWhole(path: string, dialect: Dialect, now: Look): Promise<Whole | undefined> {
  const before = (await looksAt(path, dialect)).set(path, now);
  const parts = [...olderOf(path, dialect, before), path];
  const last = new Map<string, LeaseEntry>();
  let place: Place | undefined;
  for (const part of parts) {
    place = await withFile(part, async file => {
      const header = headerOf(await headOf(file, longestHeader));
      const end = await readFrom(file, 0, text => {
        const { entries, used } = dialect.read(text, header);
        for (const entry of entries) {
          // The order is that of the last words.
          last.delete(entry.address);
          last.set(entry.address, entry);
        }
        if (last.size > mostAddresses) throw tooMany(path);
        return used;
      });
      return placeIn(file, end);
    });
  }
  const after = await looksAt(path, dialect);
  const same = [...before].every(([name, look]) => isSame(look, after.get(name), dialect.appends));
  return same && place ? { last, place } : undefined;
}

const longestHeader = 4096;

export function headerOf(head: string): string {
  return head.slice(0, head.indexOf('\n')).trimEnd();
}

async function looksAt(path: string, dialect: Dialect): Promise<Map<string, Look | undefined>> {
  const names = [...dialect.older(path).flat(), path];
  return new Map(await Promise.all(names.map(async name => [name, await lookAt(name)] as const)));
}

function olderOf(path: string, dialect: Dialect, looks: ReadonlyMap<string, Look | undefined>): readonly string[] {
  const found = dialect.older(path).map(names => names.filter(name => looks.get(name) !== undefined));
  return found.find(names => names.length > 0) ?? [];
}

/** What is only added to is the same file, longer. */
function isSame(before: Look | undefined, after: Look | undefined, appends: boolean): boolean {
  if (before === undefined || after === undefined) return before === after;
  if (before.identity !== after.identity) return false;
  return appends ? after.size >= before.size : after.size === before.size && after.mtimeNs === before.mtimeNs;
}

function tooMany(path: string): Failure {
  return new Failure('lease-file-too-large', `${path} has more than ${mostAddresses} addresses`, {
    next: 'Name the lease file of one DHCP server.',
  });
}
