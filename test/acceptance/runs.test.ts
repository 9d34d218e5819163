import { readFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { bmtool, bmtoolJson, startBmtool } from '../support/bmtool.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { labEnv } from '../support/lab-env.ts';
import { manifestOf, type Target, targets } from '../support/manifest.ts';
import { api, resetLab, sql } from '../support/netbox.ts';
import { isThorough } from '../support/tries.ts';

beforeEach(() => resetLab());

/** More than a batch. */
const many = 60;

type RunCounts = {
  id: string;
  state: string;
  changes: number;
  done: number;
  failed: number;
  unknown: number;
  skipped: number;
};

type Undone = {
  undone: string;
  changes: number;
  done: number;
  putBack: number;
  refused: { subject: string; message: string }[];
  laterRuns: string[];
  runId: string;
};

/** All that load-macs writes, without ids and times. */
async function record(): Promise<unknown[]> {
  const macs = await sql(`SELECT i.id, m.mac_address::text AS mac, (i.primary_mac_address_id = m.id) AS "primary"
    FROM dcim_macaddress m JOIN dcim_interface i ON i.id = m.assigned_object_id ORDER BY i.id, m.mac_address`);
  const journal = await sql(
    'SELECT assigned_object_id, kind, comments FROM extras_journalentry ORDER BY assigned_object_id, comments',
  );
  return [macs, journal];
}

const undo = (...args: string[]) => bmtoolJson<Undone>(['undo', ...args]);
const empty = [[], []];

test('undo takes a run back to the last field, and undo of the undo is a redo', async () => {
  const path = manifestOf(await targets(8));
  expect((await bmtool(['load-macs', path])).exitCode).toBe(0);
  const loaded = await record();
  expect((await undo()).exitCode).toBe(0);
  expect(await record()).toEqual(empty);
  expect((await undo()).exitCode).toBe(0);
  expect(await record()).toEqual(loaded);
});

test.runIf(isThorough)(
  'undone twice, or redone beside a load: nothing is told twice, and nothing made twice',
  async () => {
    const path = manifestOf(await targets(6));
    const { result: load } = await bmtoolJson<{ runId: string }>(['load-macs', path]);
    const loaded = await record();
    const { result: back } = await undo(load.runId);
    expect(await undo(load.runId)).toMatchObject({ exitCode: 0, result: { changes: 0, refused: [], laterRuns: [] } });
    expect((await bmtool(['load-macs', path, '--limit', '2'])).exitCode).toBe(0);
    const redo = await undo(back.runId);
    expect([redo.exitCode, redo.result.refused.length > 0]).toEqual([1, true]);
    const macs = async () => ((await record()) as [unknown[], unknown[]]).map(rows => rows.length);
    expect(await macs()).toEqual((loaded as unknown[][]).map(rows => rows.length));
  },
);

test('undo leaves alone what somebody else changed since, says who, and does the rest', async () => {
  const rows = (await targets(4)) as [Target, Target, Target, Target];
  await bmtool(['load-macs', manifestOf(rows)]);
  const changed = await api(`dcim/interfaces/${rows[1].interfaceId}/`, {
    method: 'PATCH',
    body: { description: 'in use' },
  });
  expect(changed.status).toBe(200);
  const { exitCode, result } = await undo();
  expect(exitCode).toBe(1);
  // The interface, and its MAC, which it still uses.
  expect(result.refused).toHaveLength(2);
  expect(result.refused[0]?.message).toMatch(/^admin changed it/);
  const macs = await sql<{ id: number }>('SELECT assigned_object_id::int AS id FROM dcim_macaddress');
  expect(macs.map(row => row.id)).toEqual([rows[1].interfaceId]);
});

test.runIf(isThorough)(
  'undo takes nothing back, and makes nothing twice, of a record that a snapshot has put back',
  async () => {
    const save = (name: string) => bmtool(['snapshot', 'save', name]);
    const restore = (name: string) => bmtool(['snapshot', 'restore', name]);
    await save('before');
    const { result: load } = await bmtoolJson<{ runId: string }>(['load-macs', manifestOf(await targets(4))]);
    await save('loaded');
    const loaded = await record();
    // A run that deletes.
    const { result: deletion } = await undo();
    await restore('loaded');
    const again = await undo(deletion.runId);
    expect(again).toMatchObject({ exitCode: 0, result: { changes: 0, done: 0, refused: [] } });
    expect(again.result.putBack).toBeGreaterThan(0);
    expect(await record()).toEqual(loaded);
    // Without a name it is the newest that is in NetBox.
    const older = await undo('--dry-run');
    expect(older.result).toMatchObject({ undone: load.runId, putBack: 0 });
    expect(older.stderr).toContain(`The newest that is: ${load.runId}`);
    await restore('before');
    const { exitCode, stderr } = await bmtool(['undo', load.runId]);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining('not in NetBox any more')]);
    expect(await record()).toEqual(empty);
    // Other objects have the ids by now.
    await bmtool(['load-macs', manifestOf(await targets(4))]);
    const others = await record();
    expect(await undo(load.runId)).toMatchObject({ exitCode: 0, result: { done: 0, refused: [] } });
    expect(await record()).toEqual(others);
  },
);

test('undo takes back what stands as it was left, whatever the change log has forgotten', async () => {
  await bmtool(['load-macs', manifestOf(await targets(2))]);
  await sql('DELETE FROM core_objectchange');
  expect(await undo()).toMatchObject({ exitCode: 0, result: { putBack: 0, refused: [] } });
  expect(await record()).toEqual(empty);
});

test.runIf(isThorough)('a run killed between batches can be finished: nothing twice, nothing missing', async () => {
  const rows = await targets(many);
  const path = manifestOf(rows);
  await killInTheMiddle(path);
  const { result } = await bmtoolJson<{ id: string; state: string }[]>(['runs', 'list']);
  expect(result[0]?.state).toBe('cut short');
  const again = await bmtool(['load-macs', path]);
  expect(again.exitCode).toBe(0);
  const [macs, journal] = (await record()) as [unknown[], { assigned_object_id: string }[]];
  expect(macs).toHaveLength(many);
  expect(journal).toHaveLength(many);
  expect(new Set(journal.map(row => row.assigned_object_id)).size).toBe(many);
  const third = await bmtoolJson<{ counts: Record<string, number>; runId?: string }>(['load-macs', path]);
  expect(third.result.counts).toMatchObject({ unchanged: many });
  expect(third.result.runId).toBeUndefined();
  // What the later run made primary is not taken from it.
  const [later, earlier] = (await bmtoolJson<RunCounts[]>(['runs', 'list'])).result as [RunCounts, RunCounts];
  const early = await undo(earlier.id);
  expect(early).toMatchObject({ exitCode: 1, result: { laterRuns: [later.id] } });
  const left = ((await record()) as [{ primary: boolean }[]])[0];
  expect(left.length).toBeGreaterThanOrEqual(early.result.refused.length);
  expect(left.filter(({ primary }) => !primary)).toEqual([]);
  await undo(later.id);
  await undo(earlier.id);
  expect(await record()).toEqual(empty);
});

test.runIf(isThorough)('a run killed between batches can be undone, also what was in flight', async () => {
  const path = manifestOf(await targets(many));
  await killInTheMiddle(path);
  expect((await undo()).exitCode).toBe(0);
  expect(await record()).toEqual(empty);
});

test.runIf(isThorough)('NetBox away in the middle: the run waits and goes on', async () => {
  const path = manifestOf(await targets(30));
  let away = 0;
  // Refuses every request for a while once the writing has begun, as a restarting NetBox does.
  await using proxy = await openFaultProxy(labEnv().NETBOX_URL ?? '', seen => {
    if (away === 0 && seen.method === 'PATCH' && seen.body !== '[]') away = 1;
    if (away > 0 && away < 6) {
      away += 1;
      return { kind: 'drop' };
    }
    return { kind: 'pass' };
  });
  const ran = await bmtool(['load-macs', path], { env: { NETBOX_URL: proxy.url } });
  expect(ran.stderr).not.toContain('error');
  expect(ran.exitCode).toBe(0);
  const [macs, journal] = (await record()) as [unknown[], unknown[]];
  expect([macs.length, journal.length]).toEqual([30, 30]);
});

test.runIf(isThorough)('NetBox itself is killed in the middle and comes back: the run goes on by itself', async () => {
  const path = manifestOf(await targets(many));
  const { ended, stderr } = await startInTheMiddle(path);
  const { result } = await bmtoolJson<{ services: { service: string; pid: number }[] }>(['lab', 'status']);
  process.kill(result.services.find(({ service }) => service === 'netbox')?.pid ?? 0, 'SIGKILL');
  expect((await bmtool(['lab', 'up'])).exitCode).toBe(0);
  expect(await ended, stderr()).toMatchObject({ code: 0 });
  expect(((await record()) as unknown[][]).map(rows => rows.length)).toEqual([many, many]);
});

test('a protected target is not reset, replaced or undone without --yes when nobody can be asked', async () => {
  await bmtool(['load-macs', manifestOf(await targets(2))]);
  const before = await record();
  for (const args of [['undo'], ['lab', 'reset'], ['lab', 'down', '--purge']]) {
    const ran = await bmtool(args, { env: { BMTOOL_PROTECTED: 'on' } });
    expect(ran.exitCode).toBe(4);
    expect(ran.stderr).toContain('--yes');
  }
  expect(await record()).toEqual(before);
});

test('Ctrl-C ends with 130, a run file that says so, and the command to go on', async () => {
  const path = manifestOf(await targets(many));
  const { child, ended, stderr } = await startInTheMiddle(path);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  expect(stderr()).toContain('run the same command again');
  const { result } = await bmtoolJson<{ state: string }[]>(['runs', 'list']);
  expect(result[0]?.state).toBe('interrupted');
  expect((await bmtool(['load-macs', path])).exitCode).toBe(0);
  expect(((await record()) as unknown[][]).map(rows => rows.length)).toEqual([many, many]);
});

test.runIf(isThorough)('a second Ctrl-C ends at once, and names the run, the way on and the way back', async () => {
  const path = manifestOf(await targets(many));
  const { child, ended, stderr } = await startInTheMiddle(path);
  child.kill('SIGINT');
  await expect.poll(stderr).toContain('Once more to stop at once');
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  const { result } = await bmtoolJson<RunCounts[]>(['runs', 'list']);
  const [run] = result as [RunCounts];
  expect(stderr()).toContain(`Stopped at once. What run ${run.id} had sent may or may not have been written.`);
  expect(stderr()).toContain(`bmtool load-macs ${path}\n`);
  expect(stderr()).toContain(`bmtool undo ${run.id}\n`);
  expect(run.state).toBe('cut short');
  expect(run.unknown).toBeGreaterThan(0);
  expect(run.done + run.failed + run.unknown + run.skipped).toBe(run.changes);
  expect((await bmtool(['runs', 'show', run.id])).stderr).toContain(`${run.unknown} sent without an answer`);
  expect((await bmtool(['load-macs', path])).exitCode).toBe(0);
  expect(((await record()) as unknown[][]).map(rows => rows.length)).toEqual([many, many]);
});

test('a token that may not write is refused before the first write, with the permissions by name', async () => {
  const made = await api<{ token: string; key: string }>('users/tokens/', {
    method: 'POST',
    body: { user: 1, version: 2, write_enabled: false },
  });
  const token = `nbt_${made.body.key}.${made.body.token}`;
  const ran = await bmtool(['load-macs', manifestOf(await targets(2))], {
    env: { NETBOX_URL: labEnv().NETBOX_URL ?? '', NETBOX_TOKEN: token },
  });
  expect(ran.exitCode).toBe(4);
  expect(ran.stderr).toContain('dcim.add_macaddress');
  expect(ran.stderr).not.toContain(made.body.token);
  expect(await record()).toEqual(empty);
});

test('the run file has the plan before the first write, and no secret', async () => {
  const path = manifestOf(await targets(2));
  const { result } = await bmtoolJson<{ runId: string }>(['load-macs', path]);
  const text = readFileSync(`${labEnv().BMTOOL_STATE_DIR}/runs/${result.runId}.jsonl`, 'utf8');
  const kinds = text
    .trim()
    .split('\n')
    .map(line => Object.keys(JSON.parse(line) as object)[0]);
  expect(kinds.slice(0, 8)).toEqual(['format', 'change', 'change', 'change', 'change', 'change', 'change', 'planned']);
  expect(kinds.at(-1)).toBe('end');
  expect(text).not.toContain(labEnv().NETBOX_TOKEN);
});

/** Starts a load and comes back when NetBox has some of its MACs, so that it is between its first batch and its last. */
async function startInTheMiddle(path: string) {
  const started = startBmtool(['load-macs', path]);
  const deadline = Date.now() + 60_000;
  for (;;) {
    const [row] = await sql<{ count: string }>(
      'SELECT count(*) FROM dcim_interface WHERE primary_mac_address_id IS NOT NULL',
    );
    if (Number(row?.count) > 0) return started;
    if (Date.now() > deadline) throw new Error(`nothing was written: ${started.stderr()}`);
  }
}

async function killInTheMiddle(path: string): Promise<void> {
  const { child, ended } = await startInTheMiddle(path);
  child.kill('SIGKILL');
  await ended;
}
