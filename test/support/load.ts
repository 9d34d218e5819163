import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';

/** What the clients know: of each, the number of its last write that was acknowledged, and of its last that was sent. */
export type Progress = {
  readonly acknowledged: readonly number[];
  readonly sent: readonly number[];
  /** How long one could not work, every time that one was put out, ms, in their order. */
  readonly windows: readonly number[];
  /** What PostgreSQL said to them, other than that it takes nobody now, or put them out. */
  readonly surprises: readonly string[];
};

export type Load = AsyncDisposable & { progress(): Promise<Progress> };

/** Where clients write: each its own row, in both tables in one transaction. */
export const loadTables = `
  CREATE TABLE load_a (client int PRIMARY KEY, n int); CREATE TABLE load_b (client int PRIMARY KEY, n int);
  INSERT INTO load_a SELECT c, 0 FROM generate_series(0, 7) c; INSERT INTO load_b SELECT * FROM load_a;`;

/** Starts eight clients in a process of their own: they hold their connections, write all the time, and come back at once when they are put out. */
export async function startLoad(env: Record<string, string>): Promise<Load> {
  const child = fork(fileURLToPath(import.meta.url), ['clients'], { env });
  await answerOf(child);
  return {
    progress: () => answerOf(child),
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

async function answerOf(child: ChildProcess): Promise<Progress> {
  const answer = once(child, 'message');
  child.send('how far?');
  return (await answer)[0] as Progress;
}

/** 57P01: put out. 55000, 3D000: nobody is let in, or nobody of this name is there. Each is worth another try. */
const expected = ['57P01', '55000', '3D000'];

/** Between two transactions; without it eight clients would leave nothing of two cores to whoever saves and restores. None between two tries. */
const thinkMs = 20;

function beClients(): void {
  const count = 8;
  const [acknowledged, sent] = [Array<number>(count).fill(0), Array<number>(count).fill(0)];
  const windows: number[] = [];
  const surprises: string[] = [];
  let isOver = false;
  const be = async (client: number) => {
    let lostAt: number | undefined;
    while (!isOver) {
      const connection = new Client({ application_name: `client ${client}` });
      connection.on('error', () => {});
      try {
        await connection.connect();
        while (!isOver) {
          const n = (sent[client] ?? 0) + 1;
          sent[client] = n;
          await connection.query(
            `BEGIN; SELECT n FROM load_a WHERE client = ${client}; UPDATE load_a SET n = ${n} WHERE client = ${client};
             UPDATE load_b SET n = ${n} WHERE client = ${client}; COMMIT`,
          );
          acknowledged[client] = n;
          if (lostAt !== undefined) windows.push(performance.now() - lostAt);
          lostAt = undefined;
          await pause(thinkMs);
        }
      } catch (error) {
        lostAt ??= performance.now();
        const { code = '', message } = error as { code?: string; message: string };
        if (!expected.includes(code) && !/terminated|ECONNRESET|not queryable/.test(message))
          surprises.push(`${code} ${message}`);
      }
      await connection.end().catch(() => {});
    }
  };
  for (let client = 0; client < count; client++) be(client);
  process.on('message', () => {
    process.send?.({ acknowledged, sent, windows, surprises } satisfies Progress);
  });
  process.on('disconnect', () => {
    isOver = true;
  });
}

if (process.argv[2] === 'clients' && process.send !== undefined) beClients();
