import { randomInt } from 'node:crypto';
import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Change, ChangeKey, ChangeResult } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { EndState, RunHeader, RunLine } from './run.ts';

/** Appends to a run's file. Every line is with the kernel before the call returns: a killed process loses none. */
export type RunWriter = {
  readonly id: string;
  sent(keys: readonly ChangeKey[]): void;
  /** Called before the queue is changed. */
  queueBegun(): void;
  result(result: ChangeResult): void;
  end(state: EndState): void;
};

export type NewRun = Pick<RunHeader, 'command' | 'target' | 'undoes' | 'resumes' | 'work' | 'queue'> & {
  readonly changes: readonly Change[];
};

/** A plan for 10,000 servers is 25 MB: never as one text. */
const linesAtOnce = 1000;

/** Writes the whole plan to disk before the first change is sent. */
export function beginRun(folder: string, run: NewRun, now: () => Date): RunWriter {
  const { changes, ...about } = run;
  const startedAt = now().toISOString();
  const { id, fd } = openRunFile(folder, startedAt);
  const { user, ...identity } = processIdentity();
  const header: RunHeader = { format: 1, id, ...about, startedAt, user, process: identity };
  const put = (line: RunLine) => append(fd, line, folder);
  try {
    appendFileSync(fd, `${JSON.stringify(header)}\n`);
    for (let from = 0; from < changes.length; from += linesAtOnce) {
      const lines = changes.slice(from, from + linesAtOnce).map(change => `${JSON.stringify({ change })}\n`);
      appendFileSync(fd, lines.join(''));
    }
    appendFileSync(fd, `${JSON.stringify({ planned: changes.length })}\n`);
    fsyncSync(fd);
  } catch (error) {
    throw new Failure('run-unwritable', `Cannot write the run file in ${folder}: ${(error as Error).message}`, {
      next: 'Nothing was changed. Make room on the disk.',
    });
  }
  return {
    id,
    sent: keys => put({ sent: keys }),
    queueBegun: () => put({ queue: 'begun' }),
    result: result => put({ result }),
    end(state) {
      put({ end: state, at: now().toISOString() });
      fsyncSync(fd);
      closeSync(fd);
    },
  };
}

/** An id goes by the second, with three random characters: another process may have the same one, and then the next is tried. */
function openRunFile(folder: string, startedAt: string): { id: string; fd: number } {
  const second = startedAt.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  try {
    makeFolder(folder, 0o700);
    for (;;) {
      const id = `${second}-${randomInt(36 ** 3)
        .toString(36)
        .padStart(3, '0')}`;
      try {
        return { id, fd: openSync(join(folder, `${id}.jsonl`), 'ax', 0o600) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch (error) {
    throw new Failure('run-unwritable', `Cannot write the run file in ${folder}: ${(error as Error).message}`, {
      next: 'Nothing was changed. Make room or set BMTOOL_STATE_DIR to a folder that can be written.',
    });
  }
}

/** Without its record a run must not go on: what it did could not be taken back. */
function append(fd: number, line: RunLine, folder: string): void {
  try {
    appendFileSync(fd, `${JSON.stringify(line)}\n`);
  } catch (error) {
    throw new Failure('run-cut-short', `Cannot write the run file in ${folder}: ${(error as Error).message}`, {
      cause: error,
      next: 'Make room on the disk, then run the same command again: what is done is not done twice.',
    });
  }
}

/** Who this process is, for others to see and to tell whether it is still there. */
export function processIdentity(): { user: string; host: string; pid: number; startTime: string } {
  return { user: userName(), host: hostname(), pid: process.pid, startTime: startTimeOf(process.pid) };
}

/** Whether a process surely ended: one of this machine that is gone, or whose number another has by now. */
export function isGone({ host, pid, startTime }: { host: string; pid: number; startTime: string }): boolean {
  return host === hostname() && startTime !== '' && startTimeOf(pid) !== startTime;
}

/** A process's start time in clock ticks since boot: with its pid, its identity. Empty when it is gone or the system has no /proc. */
export function startTimeOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.getuid?.()?.toString() ?? 'unknown';
  }
}
