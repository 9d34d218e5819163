import { Failure } from '../../core/failure.ts';
import type { DhcpServer, LeaseEvent } from '../../core/lease.ts';
import { dialects } from './dialects.ts';
import { diaryPathOf, readDiary } from './diary.ts';
import type { Bytes } from './entry.ts';
import { openKeeper } from './keeper.ts';
import { type Follow, look, type Notice, settleMs } from './look.ts';
import { headOf, withFile } from './place.ts';
import { recognise } from './recognise.ts';
import { openWatch } from './watch.ts';

/** What somebody wants of a lease file. */
export type FollowWish = {
  /** Absolute. */
  readonly path: string;
  /** Whose file it is; nothing: to be seen from its beginning. */
  readonly server: DhcpServer | undefined;
  /** Tells what is news now, and ends. */
  readonly once: boolean;
  /** Writes down what was told, so that it is not told again. */
  readonly remember: boolean;
  /** Gets every event before it is handed out, and before it counts as told: what it throws ends the following, and they are told again. */
  readonly tell: (events: readonly LeaseEvent[]) => void;
};

export type FollowTools = {
  readonly stateDir: string;
  /** The name of this machine. */
  readonly host: string;
  readonly clock: () => number;
  /** Ends the following. */
  readonly signal: AbortSignal;
  /** A line for a person who watches. */
  readonly note: (text: string) => void;
};

/** Between two looks when no change was seen: watches miss what other machines write, and folders that are replaced. */
const pollMs = 1_000;
/** Between Kea's renaming of its file and the new one lies an instant. */
const missingPatienceMs = 1_000;
/** More than dhcpd's own words and server-duid before its first lease. */
const headBytes = 65_536;

/**
 * Tells what a DHCP server writes into its lease file: first what was not told yet, then what comes. Each fact once, over restarts of either side;
 * where this process is killed between telling and writing that down, once more, with the same ids.
 *
 * Throws `Failure`: 2 for a file that cannot be read or is no lease file, and whatever `tell` throws.
 */
export async function* followFile(wish: FollowWish, tools: FollowTools): AsyncGenerator<LeaseEvent> {
  const { path, once, tell } = wish;
  const { signal, clock, note } = tools;
  const watch = openWatch(path);
  const notice: Notice = {};
  const keeper = wish.remember ? openKeeper(diaryPathOf(tools.stateDir, path), path, clock) : undefined;
  let follow: Follow | undefined;
  let missingMs: number | undefined;
  try {
    while (!signal.aborted) {
      if (follow === undefined) {
        follow = await beginWith(wish, tools);
        if (follow && !once) note(`Following ${path}, of ${follow.dialect.server}. Ctrl-C ends.`);
      }
      keeper?.runAhead();
      const { file, events } = follow ? await look(follow, notice) : { file: 'missing' as const, events: [] };
      if (events.length > 0) tell(events);
      keeper?.allTold();
      if (follow && (file === 'read' || events.length > 0)) keeper?.keep(follow.diary, { isNews: events.length > 0 });
      yield* events;
      if (file === 'missing') {
        if (missingMs === undefined && !once) note(`There is nothing to read in ${path} yet: waiting for it.`);
        missingMs ??= clock();
        if (once && clock() - missingMs >= missingPatienceMs) throw nothingThere(path);
      } else missingMs = undefined;
      if (once && file === 'read') return;
      await watch.wait(file === 'changing' || once ? settleMs : pollMs, signal);
    }
  } finally {
    watch.close();
    keeper?.close();
  }
}

/** What to follow, as soon as there is something to see whose file it is. */
async function beginWith(
  { path, server }: FollowWish,
  { stateDir, host, clock }: FollowTools,
): Promise<Follow | undefined> {
  // Opened also where the format was given: what cannot be read is refused first.
  const head = await withFile(path, file => headOf(file, headBytes));
  const found = head === undefined ? undefined : (server ?? serverOf(head, path));
  if (found === undefined) return undefined;
  return { path, dialect: dialects[found], diary: readDiary(diaryPathOf(stateDir, path), path, found), host, clock };
}

function serverOf(head: Bytes, path: string): DhcpServer | undefined {
  const recognition = recognise(head, path);
  if (recognition === undefined) return undefined;
  if ('server' in recognition) return recognition.server;
  throw new Failure('not-a-lease-file', `${path} ${recognition.refusal}`, {
    next: 'Name the file in which dhcpd, Kea (memfile) or dnsmasq keeps its IPv4 leases. --format says whose it is where bmtool errs.',
  });
}

function nothingThere(path: string): Failure {
  return new Failure('not-a-lease-file', `${path} is not there, or empty`, {
    next: 'Check the path in the configuration of the DHCP server; --format isc, kea or dnsmasq says whose an empty file is.',
  });
}
