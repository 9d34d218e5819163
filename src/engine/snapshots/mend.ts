import type { LiveDatabase, OwnDatabase } from '../../adapters/postgres/cluster.ts';
import type { Waiting } from '../../adapters/postgres/manifest.ts';
import { shelfOf, undosOf } from './shelf.ts';

/** One thing to do to a cluster in which a bmtool was killed. Each may itself be cut short and be done again. */
export type Mend =
  /** Clients are refused: let them in. */
  | { readonly do: 'let in'; readonly why: string }
  /** The database is in its place, but caches and queues are still those of the one before. */
  | { readonly do: 'finish'; readonly waiting: Waiting; readonly why: string }
  /** A snapshot that takes clients: somebody looked into it and was stopped. */
  | { readonly do: 'close'; readonly database: string; readonly why: string }
  | { readonly do: 'drop'; readonly database: string; readonly why: string };

/**
 * What a cluster needs to be whole again, from the names and comments of its databases alone. Pure: no bmtool may be at work.
 *
 * Every step of saving and restoring is one transaction or makes a database called `next`, so there is nothing else to find.
 */
export function mendsOf(live: LiveDatabase | undefined, own: readonly OwnDatabase[]): Mend[] {
  const mends: Mend[] = [];
  const { snapshots, warm } = shelfOf(live, own);
  if (live?.note?.doing === 'blocked')
    mends.push({ do: 'let in', why: 'bmtool was stopped while clients were kept out' });
  if (live?.note?.doing === 'restored')
    mends.push({ do: 'finish', waiting: live.note.waiting, why: 'a restore was stopped after its exchange' });
  // Undo copies whose note cannot be read are not ours to drop: a newer bmtool may have put them out last.
  const olderUndos = new Set(
    undosOf(own)
      .slice(1)
      .map(({ database }) => database),
  );
  const ready = warm?.of === snapshots[0]?.database ? warm?.database : undefined;
  for (const { name, role, open } of own) {
    const drop = (why: string) => mends.push({ do: 'drop', database: name, why });
    if (role === 'next') drop('a copy that was not finished');
    else if (role === 'broken') drop('it was only half deleted');
    else if (olderUndos.has(name)) drop('an older undo copy');
    else if (role === 'warm' && name !== ready) drop('a copy of what is not the newest snapshot any more');
    else if (open) mends.push({ do: 'close', database: name, why: 'it was being looked into' });
  }
  return mends;
}
