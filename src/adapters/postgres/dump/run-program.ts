import { spawn } from 'node:child_process';
import { Failure } from '../../../core/failure.ts';

export type RunWish = {
  readonly env: NodeJS.ProcessEnv;
  /** Ends the program. */
  readonly signal?: AbortSignal;
  /** Given all that the program writes to stdout, piece by piece; without it, `stdout` of the result has it. */
  readonly onOutput?: (chunk: Buffer) => Promise<void>;
};

export type ProgramEnd = {
  /** Nothing when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** What is kept of a program's talk: enough for its first and its last words. */
const talkLimit = 200_000;

/** Runs a program without a shell. Throws `Failure` (exit 130) when it was interrupted, and what `onOutput` throws. */
export async function runProgram(path: string, args: readonly string[], wish: RunWish): Promise<ProgramEnd> {
  const { env, signal, onOutput } = wish;
  if (signal?.aborted) throw interrupted();
  const child = spawn(path, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => void child.kill();
  signal?.addEventListener('abort', end, { once: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  let [stdout, stderr] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', text => {
    if (stderr.length < talkLimit) stderr += text;
  });
  try {
    const read = async () => {
      for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
        if (onOutput !== undefined) await onOutput(chunk);
        else stdout += chunk;
      }
    };
    const [code] = await Promise.all([ended, read()]);
    if (signal?.aborted) throw interrupted();
    return { code, stdout, stderr };
  } catch (error) {
    end();
    await ended.catch(() => {});
    throw signal?.aborted ? interrupted() : error;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

function interrupted(): Failure {
  return new Failure('interrupted', 'Interrupted, and nothing was changed');
}
