import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../../core/failure.ts';
import type { PostgresConnection } from './connect.ts';
import { type Session, sessionsInTheWay } from './sessions.ts';

export type SessionsWish = {
  /** How long others' work is waited for. */
  readonly timeoutMs: number;
  /** End what can be ended, whatever it is doing. */
  readonly force: boolean;
};

export type Waiter = {
  readonly signal: AbortSignal;
  /** Told who is waited for; not at all when nobody is. */
  readonly onWait: (text: string) => void;
};

const lookEveryMs = 100;
const shown = 5;

/**
 * Waits until nobody is in the middle of longer work in a database, and nobody is in it who cannot be put out; clients are served
 * meanwhile. Throws `Failure` that names who it was.
 */
export async function waitForSessions(
  admin: PostgresConnection,
  database: string,
  { timeoutMs, force }: SessionsWish,
  { signal, onWait }: Waiter,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const sessions = (await sessionsInTheWay(admin, database)).filter(({ endable }) => !(endable && force));
    const [first] = sessions;
    if (first === undefined) return;
    if (signal.aborted) throw new Failure('interrupted', 'Interrupted before anything was changed');
    if (performance.now() > deadline) throw remaining(database, sessions);
    onWait(`waiting for ${sessionText(first)}`);
    await pause(lookEveryMs, undefined, { signal }).catch(() => {});
  }
}

/** Sessions that are in the way, in words that help to find them. */
export function remaining(database: string, sessions: readonly Session[]): Failure {
  const lines = sessions.slice(0, shown).map(session => `  ${sessionText(session)}`);
  const more = sessions.length > shown ? [`  … and ${sessions.length - shown} more`] : [];
  const wait = 'run it again when that has ended, or wait longer with --timeout SECONDS';
  const foreign = sessions.find(({ endable, pid }) => !endable && pid !== 0);
  const prepared = sessions.find(({ pid }) => pid === 0);
  const next =
    foreign !== undefined
      ? `They are not this user's to end: ${wait}, or let a superuser run SELECT pg_terminate_backend(${foreign.pid});`
      : prepared !== undefined
        ? `A prepared transaction waits for whoever prepared it. If that is nobody any more, in ${database}: ${prepared.query.replace('PREPARE TRANSACTION', 'ROLLBACK PREPARED')};`
        : `${capital(wait)}; --force ends what can be ended.`;
  const what = sessions.length === 1 ? 'A session' : `${sessions.length} sessions`;
  return new Failure(
    'sessions-remain',
    `${what} of the database ${database} will not end, and nothing was changed:\n${[...lines, ...more].join('\n')}`,
    { next },
  );
}

function sessionText({ pid, user, client, application, query, seconds }: Session): string {
  const who = [user, ...(application ? [`(${application})`] : []), ...(client === '?' ? [] : [`from ${client}`])];
  const lasted = seconds === null ? '' : `, for ${Math.round(seconds)} s`;
  const oneLine = query.replaceAll(/\s+/g, ' ').trim();
  const doing = oneLine === '' || oneLine === '<insufficient privilege>' ? '' : `: ${oneLine}`;
  return `${pid === 0 ? 'prepared by' : `process ${pid},`} ${who.join(' ')}${lasted}${doing}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
