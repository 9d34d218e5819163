import { afterAll, beforeAll, expect, test } from 'vitest';
import { quoted } from '../../src/adapters/postgres/swap.ts';
import { eventually } from '../lab/support.ts';
import { type Load, loadTables, type Progress, startLoad } from '../support/load.ts';
import { type SmallNetBox, startSmallNetBox } from '../support/small-netbox.ts';

const rounds = 100;

let netbox: SmallNetBox;
let load: Load;

beforeAll(async () => {
  netbox = await startSmallNetBox();
  await using live = await netbox.postgres.connect(netbox.source);
  await live.query(loadTables);
  load = await startLoad(netbox.env);
});

afterAll(async () => {
  await load[Symbol.asyncDispose]();
  await netbox[Symbol.asyncDispose]();
});

type Written = readonly (readonly [a: number, b: number])[];

/** What the clients wrote into a database, also into one that takes nobody. */
async function writtenIn(database: string): Promise<Written> {
  const isLive = database === netbox.source;
  return netbox.beside(async admin => {
    if (!isLive) await admin.query(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS true`);
    try {
      await using inside = await netbox.postgres.connect(database);
      const { rows } = await inside.query<{ a: number; b: number }>(
        'SELECT a.n AS a, b.n AS b FROM load_a a JOIN load_b b USING (client) ORDER BY client',
      );
      return rows.map(({ a, b }) => [a, b] as const);
    } finally {
      if (!isLive) await admin.query(`ALTER DATABASE ${quoted(database)} WITH ALLOW_CONNECTIONS false`);
    }
  });
}

/** Everything up to what was acknowledged is there, nothing that was never sent, and no half of a transaction. */
function expectWritten(what: string, written: Written, from: Progress, to: Progress): void {
  expect(written, what).toHaveLength(8);
  for (const [client, [a, b]] of written.entries()) {
    expect(a, `${what}: half a transaction of client ${client}`).toBe(b);
    expect(a, `${what}: a write of client ${client} is lost`).toBeGreaterThanOrEqual(from.acknowledged[client] ?? 0);
    expect(a, what).toBeLessThanOrEqual(to.sent[client] ?? 0);
  }
}

async function succeed(exit: number, ...args: string[]): Promise<Record<string, unknown>> {
  const ran = await netbox.run(['snapshot', ...args, '--json']);
  expect(ran.exitCode, ran.stderr + ran.stdout).toBe(exit);
  return (JSON.parse(ran.stdout) as { result: Record<string, unknown> }).result;
}

/** All clients have written something after this moment. */
async function allWrite(): Promise<void> {
  const { sent } = await load.progress();
  await eventually(async () =>
    (await load.progress()).acknowledged.every((n, client) => n > (sent[client] ?? 0)) ? true : undefined,
  );
}

test(`${rounds} saves and restores under eight clients: all succeed, nothing is lost, nothing is left over`, async () => {
  const [saveWindows, restoreWindows]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round++) {
    const what = `round ${round}`;
    await allWrite();
    await netbox.become(what);
    const beforeSave = await load.progress();
    const saved = await succeed(0, 'save', '1');
    const snapshot = (saved.snapshot as { database: string }).database;
    await allWrite();
    const afterSave = await load.progress();
    saveWindows.push(Math.max(...afterSave.windows.slice(beforeSave.windows.length)));
    expectWritten(`${what}, the snapshot`, await writtenIn(snapshot), beforeSave, afterSave);

    await netbox.become('wrecked');
    const beforeRestore = await load.progress();
    // NetBox itself is away, which a restore ends with.
    const restored = await succeed(5, 'restore', '1');
    const undo = restored.undo as string;
    const afterExchange = await load.progress();
    expect(await netbox.now(), what).toEqual({ word: what, queue: [`event of ${what}`], cache: null });
    await allWrite();
    const afterRestore = await load.progress();
    restoreWindows.push(Math.max(...afterRestore.windows.slice(beforeRestore.windows.length)));
    expectWritten(`${what}, what was put out`, await writtenIn(undo), beforeRestore, afterExchange);
    expectWritten(`${what}, the live one`, await writtenIn(netbox.source), afterRestore, await load.progress());
    if (round % 10 === 0) await succeed(0, 'prune', '--keep', '1');
    expect((await load.progress()).surprises, what).toEqual([]);
  }
  expect((await netbox.own()).map(({ role }) => role).sort()).toEqual(['snapshot', 'undo', 'warm']);
  expect(await netbox.comment()).toEqual({ comment: null, open: true });
  process.stdout.write(
    `The longest time in which a client could not work: median of ${rounds} saves ${median(saveWindows)}, of ${rounds} restores ${median(restoreWindows)}\n`,
  );
}, 1_800_000);

function median(windows: readonly number[]): string {
  const sorted = windows.toSorted((a, b) => a - b);
  return `${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms (longest ${Math.round(sorted.at(-1) ?? 0)} ms)`;
}
