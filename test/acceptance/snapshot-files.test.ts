import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../lab/support.ts';
import { bmtool, bmtoolJson, startBmtool, succeed as succeedAt } from '../support/bmtool.ts';
import { asLabSuperuser, exactly, tablesThatDiffer } from '../support/exact.ts';
import { labEnv, smallFleet } from '../support/lab-env.ts';
import { api, resetLab, sql } from '../support/netbox.ts';
import { ownDatabases, sweep } from '../support/own-databases.ts';
import { disguise, findPgPrograms } from '../support/pg-programs.ts';
import { openEvents, patch, post } from '../support/phases.ts';
import { program } from '../support/program.ts';
import { isThorough } from '../support/tries.ts';

type Snapshot = {
  database: string;
  name: string;
  note: string;
  timestamp: string;
  savedAt: string;
  number: number;
  jobs: number;
};
type List = { snapshots: (Snapshot & { exported?: { file: string } })[] };
type Exported = { file: string; bytes: number; sha256: string; jobsLeftOut: number; snapshot: Snapshot };
type FileRestored = {
  before: string;
  jobsEnded: number;
  health: { counts: { expected: number; found: number }[] };
};
type Imported = {
  jobsEnded: number;
  snapshot: Snapshot;
  differences: { what: string; here: string; snapshot: string }[];
  warm?: object;
};

let folder: string;
let env: { BMTOOL_PG_BIN: string };

const list = async () => (await bmtoolJson<List>(['snapshot', 'list'])).result.snapshots;
const file = (name: string) => join(folder, name);

const succeed = <T>(...args: string[]) => succeedAt<T>(args, { env });

beforeAll(async () => {
  env = { BMTOOL_PG_BIN: await findPgPrograms() };
  folder = await mkdtemp(join(tmpdir(), 'bmtool-files-'));
  await resetLab({ indexing: true });
  await sweep();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await sweep();
  await resetLab({ indexing: true });
});

describe('there and back', () => {
  const events = ['{"mac":"94:40:c9:00:00:01"}', 'Zürich 🖧', '{"mac":"94:40:c9:00:00:02"}'];
  let before: Awaited<ReturnType<typeof exactly>>;
  let jobs: unknown[];

  beforeAll(async () => {
    await using queue = await openEvents();
    await queue.set(events);
    await eventually(async () =>
      (await sql("SELECT 1 FROM core_job WHERE status = 'scheduled'")).length > 0 ? true : undefined,
    );
    before = await exactly();
    jobs = await finishedJobs();
    await succeed('snapshot', 'save', '1', '--note', 'all quiet');
  });

  async function wreck() {
    await using queue = await openEvents();
    await queue.set(['of the new world']);
    await sql("UPDATE dcim_device SET serial = 'WRECKED'; DELETE FROM extras_journalentry");
  }

  const finishedJobs = () => sql("SELECT * FROM core_job WHERE status IN ('completed', 'errored') ORDER BY id");

  async function expectAsBefore() {
    // What the jobs that waited were to do is in no file; NetBox must not wait for them.
    expect(tablesThatDiffer(before, await exactly())).toEqual(['core_job']);
    expect(await finishedJobs()).toEqual(jobs);
    expect(await sql("SELECT 1 FROM core_job WHERE status IN ('pending', 'scheduled', 'running')")).toEqual([]);
    await using queue = await openEvents();
    expect(await queue.all()).toEqual(events);
    expect((await api<{ count: number }>('dcim/devices/?limit=1')).body.count).toBe(smallFleet.devices);
  }

  test('a snapshot, out of the cluster and back into it: every row and every event', async () => {
    const exported = await succeed<Exported>('snapshot', 'export', '1', file('1.bmsnap'));
    expect(exported).toMatchObject({ file: file('1.bmsnap'), snapshot: { name: '1', queue: { events: 3 } } });
    expect((await stat(exported.file)).size).toBe(exported.bytes);
    expect((await list())[0]).toMatchObject({ exported: { file: file('1.bmsnap') } });
    expect((await bmtool(['snapshot', 'list'])).stdout).toMatch(/cluster, file/);
    const [was] = await list();
    await succeed('snapshot', 'delete', '1');
    await wreck();
    const { snapshot, jobsEnded } = await succeed<Imported>('snapshot', 'import', file('1.bmsnap'));
    expect(jobsEnded).toBe(1);
    expect(snapshot).toMatchObject({ name: '1', note: 'all quiet', savedAt: was?.savedAt, timestamp: was?.timestamp });
    await succeed('snapshot', 'restore', '1');
    await expectAsBefore();
  });

  test.runIf(isThorough)('NetBox can write to what came back, and its next ids are the right ones', async () => {
    const [device] = await sql<{ id: number }>('SELECT max(id)::int AS id FROM dcim_device');
    await patch(`dcim/devices/${device?.id}/`, { serial: 'AFTERWARDS' });
    const [change] = await sql<{ isNext: boolean }>(
      'SELECT id = (SELECT last_value FROM core_objectchange_id_seq) AS "isNext" FROM core_objectchange ORDER BY id DESC LIMIT 1',
    );
    expect(change).toEqual({ isNext: true });
    await succeed('snapshot', 'restore', '1');
    await expectAsBefore();
  });

  test.runIf(isThorough)('the record as it is now, by a role that may do nothing but read', async () => {
    await asLabSuperuser(
      "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data",
    );
    const databases = await ownDatabases();
    const ran = await bmtoolJson<Exported>(['snapshot', 'export', 'live', file('live.bmsnap'), '--note', 'by hand'], {
      env: { ...env, PGUSER: 'reader', PGPASSWORD: 'reader' },
    });
    await asLabSuperuser('DROP ROLE reader');
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.result.snapshot).toMatchObject({ name: expect.stringMatching(/^live-\d{8}-\d{6}$/), phase: 0 });
    expect(await ownDatabases()).toEqual(databases);
    await wreck();
    const { snapshot } = await succeed<Imported>('snapshot', 'import', file('live.bmsnap'), '--name', 'back');
    expect(snapshot).toMatchObject({ name: 'back', note: 'by hand', jobs: 0 });
    await succeed('snapshot', 'restore', 'back');
    await expectAsBefore();
  });

  describe('into the database itself, by a role that owns the tables, and no more than that', () => {
    beforeAll(async () => {
      await asLabSuperuser(
        `DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'; DO $$ BEGIN
           EXECUTE format('GRANT %I TO guest', (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'netbox')); END $$;
         REVOKE CONNECT ON DATABASE postgres FROM PUBLIC`,
      );
      return async () => void (await asLabSuperuser('DROP ROLE guest; GRANT CONNECT ON DATABASE postgres TO PUBLIC'));
    });
    const guest = () => ({ env: { ...env, PGUSER: 'guest', PGPASSWORD: 'guest' }, cwd: folder });

    test('what is missing is named, and the way that takes no rights', async () => {
      const ran = await bmtool(['snapshot', 'save', 'x'], guest());
      expect([ran.exitCode, ran.stderr]).toEqual([
        4,
        expect.stringMatching(/CREATEDB[\s\S]*snapshot restore-file FILE/),
      ]);
    });

    test.runIf(isThorough)('there, and back to what was before', async () => {
      await wreck();
      const wrecked = await exactly();
      const ran = await succeedAt<FileRestored>(['snapshot', 'restore-file', file('1.bmsnap')], guest());
      expect(ran).toMatchObject({ state: 'restored', events: 3, jobsEnded: 1 });
      expect(ran.health.counts.filter(({ expected, found }) => expected !== found)).toEqual([]);
      await expectAsBefore();
      await post('extras/tags/', { name: 'Afterwards', slug: 'afterwards' });
      await succeedAt(['snapshot', 'restore-file', ran.before], guest());
      expect(tablesThatDiffer(wrecked, await exactly()).filter(table => table !== 'core_job')).toEqual([]);
    });

    test.runIf(isThorough)('a table that stands in the way: nothing is changed', async () => {
      await sql('CREATE TABLE mine (device bigint REFERENCES dcim_device (id))');
      const before = await exactly();
      const ran = await bmtool(['snapshot', 'restore-file', file('1.bmsnap')], guest());
      expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringMatching(/other objects depend on it/)]);
      expect(tablesThatDiffer(before, await exactly())).toEqual([]);
      await sql('DROP TABLE mine');
    });

    test.runIf(isThorough)('bmtool is killed in the middle: the record is the old one or the new one', async () => {
      await post('extras/tags/', { name: 'Before the kill', slug: 'before-the-kill' });
      const old = await exactly();
      const { child, ended } = startBmtool(['snapshot', 'restore-file', file('1.bmsnap')], guest());
      await eventually(async () => ((await isReplacing()) ? true : undefined));
      child.kill('SIGKILL');
      await ended;
      await eventually(async () => ((await isReplacing()) ? undefined : true));
      const now = await exactly();
      const differing = [old, before].map(record =>
        tablesThatDiffer(record, now).filter(table => table !== 'core_job'),
      );
      expect(differing).toContainEqual([]);
      await succeedAt(['snapshot', 'restore-file', file('1.bmsnap')], guest());
      await expectAsBefore();
    });
  });

  test.runIf(isThorough)('a live export is of one moment, however NetBox writes meanwhile', async () => {
    const { exitCode, ran } = await whileWriting(() =>
      bmtool(['snapshot', 'export', 'live', file('busy.bmsnap')], { env }),
    );
    expect(exitCode, ran.stderr).toBe(0);
    await succeed('snapshot', 'import', file('busy.bmsnap'), '--name', 'busy');
    await succeed('snapshot', 'restore', 'back');
  });
});

/** Whether somebody holds NetBox's tables for himself. */
async function isReplacing(): Promise<boolean> {
  const locks = await asLabSuperuser(
    "SELECT 1 FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE mode = 'AccessExclusiveLock' AND application_name = 'bmtool' AND datname = 'netbox'",
  );
  return locks.length > 0;
}

/** Somebody adds journal entries, one after another, from before to after. */
async function whileWriting(work: () => Promise<{ exitCode: number; stdout: string; stderr: string }>) {
  let going = true;
  const insert = `INSERT INTO extras_journalentry (created, custom_field_data, assigned_object_id, assigned_object_type_id, kind, comments)
    SELECT now(), '{}', 1, (SELECT id FROM django_content_type WHERE model = 'device'), 'info', 'more'`;
  const writing = (async () => {
    while (going) await sql(insert);
  })();
  const ran = await work();
  going = false;
  await writing;
  return { exitCode: ran.exitCode, ran };
}

describe('the file', () => {
  const [id, due] = ['a2df03d9-0000-4000-8000-000000000001', 4_000_000_000];

  beforeAll(async () => {
    await using queue = await openEvents();
    await queue.client.zAdd('rq:scheduled:default', { value: id, score: due });
    await queue.client.hSet(`rq:job:${id}`, { data: 'cGlja2xl' });
  });

  afterAll(async () => {
    await using queue = await openEvents();
    await queue.client.zRem('rq:scheduled:default', id);
    await queue.client.del(`rq:job:${id}`);
  });

  test('goes to snapshots/ by itself, for nobody else to read, and is not replaced unasked', async () => {
    const cwd = file('home');
    await mkdir(cwd);
    await succeed('snapshot', 'save', 'kept', '--fast-next', 'off');
    const ran = await bmtool(['snapshot', 'export', 'kept'], { env, cwd });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const [name = ''] = await readdir(join(cwd, 'snapshots'));
    expect(name).toMatch(/^kept-\d{8}-\d{6}\.bmsnap$/);
    expect(ran.stdout).toBe(join(cwd, 'snapshots', name));
    expect((await stat(ran.stdout)).mode & 0o777).toBe(0o600);
    const first = await readFile(ran.stdout);
    const again = await bmtool(['snapshot', 'export', 'kept'], { env, cwd });
    expect([again.exitCode, again.stderr]).toEqual([2, expect.stringMatching(/is there already[\s\S]*--force/)]);
    expect(await readFile(ran.stdout)).toEqual(first);
    expect((await bmtool(['snapshot', 'export', 'kept', '--force'], { env, cwd })).exitCode).toBe(0);
  });

  test('holds no background jobs, and says how many it leaves out', async () => {
    const { jobsLeftOut } = await succeed<Exported>('snapshot', 'export', 'kept', file('jobs.bmsnap'));
    const line = JSON.parse((await readFile(file('jobs.bmsnap'), 'latin1')).split('\n', 1)[0] ?? '');
    expect(line.manifest).not.toHaveProperty('jobs');
    expect(jobsLeftOut).toBeGreaterThan(0);
    expect(await readFile(file('jobs.bmsnap'), 'latin1')).not.toContain('cGlja2xl');
    expect((await bmtool(['snapshot', 'export', 'kept', file('jobs2.bmsnap')], { env })).stderr).toMatch(
      /Not in the file: \d+ background job/,
    );
  });

  test.runIf(isThorough)('what is in no dump is as the live database has it', async () => {
    await asLabSuperuser("ALTER DATABASE netbox SET work_mem = '5MB'");
    const ran = await bmtoolJson<Imported>(['snapshot', 'import', file('jobs.bmsnap'), '--name', 'alike'], { env });
    await asLabSuperuser('ALTER DATABASE netbox RESET work_mem');
    expect(ran.exitCode, ran.stderr).toBe(0);
    const settings = await asLabSuperuser(
      `SELECT setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase WHERE datname = '${ran.result.snapshot.database}'`,
    );
    expect(settings).toEqual([{ setconfig: ['work_mem=5MB'] }]);
  });

  test('the password is in no argument, and the copy is closed again', async () => {
    const bin = await disguise(file('bin-arguments'), 'pg_dump', `echo "$@" > ${file('arguments')}; exec "$real" "$@"`);
    const ran = await bmtool(['snapshot', 'export', 'kept', file('arguments.bmsnap')], {
      env: { BMTOOL_PG_BIN: bin, PGPASSWORD: 'netbox', PGOPTIONS: '-c application_name=x' },
    });
    expect(ran.exitCode, ran.stderr).toBe(0);
    const args = await readFile(file('arguments'), 'utf8');
    expect(args).toMatch(/--format=custom/);
    expect(args).not.toMatch(/netbox|password=/i);
    expect((await ownDatabases()).filter(({ open }) => open)).toEqual([]);
  });
});

/** Everything that an import could leave behind. */
async function standing() {
  return { databases: await ownDatabases(), record: await exactly() };
}

describe('a bad file is refused before anything is touched', () => {
  let good: Buffer;
  let head: number;
  beforeAll(async () => {
    good = await readFile(file('jobs.bmsnap'));
    head = good.indexOf('\n');
  });

  const flipped = (at: number) => {
    const other = Buffer.from(good);
    other[at] = (other[at] ?? 0) ^ 1;
    return other;
  };

  test.for<[string, () => Buffer | string, RegExp]>([
    ['cut off in its first line', () => good.subarray(0, head - 10), /cut off or was changed/],
    ['cut off in the dump', () => good.subarray(0, good.length - 1000), /1000 bytes are missing/],
    ['changed in its first line', () => flipped(head - 100), /first line is not what was written/],
    ['changed in the dump', () => flipped(good.length - 500), /the dump in it is not the one/],
    [
      'of a newer format',
      () => good.toString('latin1').replace('"format":1', '"format":7'),
      /format 7, of a newer bmtool/,
    ],
    ['a plain dump', () => good.subarray(head + 1), /a dump of pg_dump \(custom format\)/],
    ['empty', () => '', /is empty/],
  ])('%s', async ([, content, message]) => {
    const before = await standing();
    await writeFile(file('bad'), content(), 'latin1');
    const ran = await bmtool(['snapshot', 'import', file('bad')], { env });
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(await standing()).toEqual(before);
  });

  test('without a look at any service', async () => {
    await writeFile(file('bad'), flipped(good.length - 500));
    const ran = await bmtool(['snapshot', 'import', file('bad')], {
      env: { ...env, PGPORT: '9', PGHOST: '127.0.0.1' },
    });
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringMatching(/the dump in it is not/)]);
  });

  test('a folder, nothing, and what may not be read', async () => {
    expect(await bmtool(['snapshot', 'import', folder], { env })).toMatchObject({ exitCode: 2 });
    expect(await bmtool(['snapshot', 'import', file('nothing')], { env })).toMatchObject({ exitCode: 2 });
    await writeFile(file('closed'), good, { mode: 0o000 });
    await chmod(file('closed'), 0o000);
    // Root reads everything.
    if (process.getuid?.() !== 0)
      expect(await bmtool(['snapshot', 'import', file('closed')], { env })).toMatchObject({ exitCode: 2 });
  });

  test('a name that is none', async () => {
    const ran = await bmtool(['snapshot', 'import', file('jobs.bmsnap'), '--name', 'a/b'], { env });
    expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringMatching(/is not a name for a snapshot/)]);
  });
});

describe('what goes wrong in the middle', () => {
  let before: Awaited<ReturnType<typeof standing>>;
  beforeAll(async () => {
    before = await standing();
  });
  afterEach(async () => {
    expect(await standing()).toEqual(before);
    expect((await readdir(folder)).filter(name => name.endsWith('.part'))).toEqual([]);
  });

  test('Ctrl-C while it is written: 130, no file, and the copy is closed', async () => {
    const bin = await disguise(file('bin-waits'), 'pg_dump', `printf PGDMP; exec tail -f /dev/null`);
    const { child, ended, stderr } = startBmtool(['snapshot', 'export', 'kept', file('cut.bmsnap')], {
      env: { BMTOOL_PG_BIN: bin },
    });
    await eventually(async () => (await sizeOf(file('cut.bmsnap.part'))) || undefined);
    child.kill('SIGINT');
    expect([await ended, stderr()]).toEqual([{ code: 130, signal: null }, expect.stringMatching(/Interrupted/)]);
    expect(await sizeOf(file('cut.bmsnap'))).toBe(0);
  });

  test.runIf(isThorough)('Ctrl-C while it is loaded: 130, and the half of it is gone', async () => {
    const bin = await disguise(file('bin-loads'), 'pg_restore', `"$real" "$@"; exec tail -f /dev/null`);
    const { child, ended } = startBmtool(['snapshot', 'import', file('jobs.bmsnap')], { env: { BMTOOL_PG_BIN: bin } });
    await eventually(async () => (await ownDatabases()).find(({ name }) => name.startsWith('bmtool_next')));
    child.kill('SIGINT');
    expect(await ended).toEqual({ code: 130, signal: null });
  });

  test('killed while it is written: the next command closes the copy', async () => {
    const { child, ended } = startBmtool(['snapshot', 'export', 'kept', file('killed.bmsnap')], {
      env: { BMTOOL_PG_BIN: file('bin-waits') },
    });
    await eventually(async () => (await sizeOf(file('killed.bmsnap.part'))) || undefined);
    child.kill('SIGKILL');
    await ended;
    expect((await ownDatabases()).some(({ open }) => open)).toBe(true);
    expect(await bmtool(['snapshot', 'recover'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/close/),
    });
    const again = await bmtool(['snapshot', 'export', 'kept', file('killed.bmsnap')], { env });
    expect([again.exitCode, again.stderr]).toEqual([
      2,
      expect.stringMatching(/another export is writing it, or one was/),
    ]);
    await rm(file('killed.bmsnap.part'));
  });

  test('pg_dump fails: its words, and no file', async () => {
    const bin = await disguise(
      file('bin-fails'),
      'pg_dump',
      `printf PGDMP; echo 'pg_dump: error: the words' >&2; exit 1`,
    );
    const ran = await bmtool(['snapshot', 'export', 'kept', file('failed.bmsnap')], { env: { BMTOOL_PG_BIN: bin } });
    expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringMatching(/pg_dump cannot dump .*: the words/)]);
    expect(await sizeOf(file('failed.bmsnap'))).toBe(0);
  });

  test('no room for the file: said so, and nothing is kept', async () => {
    const { PATH = '', HOME = '' } = process.env;
    const { BMTOOL_STATE_DIR = '' } = labEnv();
    const ran = await execa(
      'sh',
      ['-c', 'ulimit -f 200; exec "$@"', 'sh', ...program, 'snapshot', 'export', 'kept', file('full.bmsnap')],
      {
        env: { PATH, HOME, BMTOOL_STATE_DIR, ...env },
        extendEnv: false,
        reject: false,
      },
    );
    expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringMatching(/There is no room for .*full\.bmsnap/)]);
    expect(await sizeOf(file('full.bmsnap'))).toBe(0);
  });

  test.runIf(isThorough)('pg_restore fails: its words, and nothing is kept', async () => {
    const bin = await disguise(
      file('bin-refuses'),
      'pg_restore',
      `"$real" "$@"; echo 'pg_restore: error: could not extend file: No space left on device' >&2; exit 1`,
    );
    const ran = await bmtool(['snapshot', 'import', file('jobs.bmsnap')], { env: { BMTOOL_PG_BIN: bin } });
    expect([ran.exitCode, ran.stderr]).toEqual([
      1,
      expect.stringMatching(/No space left on device\n +Nothing was kept\. Make room/),
    ]);
  });

  test.runIf(isThorough)('what comes out is not what the file says: refused, and nothing is kept', async () => {
    const bin = await disguise(file('bin-skips'), 'pg_restore', 'exec "$real" --schema-only "$@"');
    const ran = await bmtool(['snapshot', 'import', file('jobs.bmsnap')], { env: { BMTOOL_PG_BIN: bin } });
    expect([ran.exitCode, ran.stderr]).toEqual([
      2,
      expect.stringContaining(`dcim_device (0 rows for ${smallFleet.devices})`),
    ]);
  });

  test('no pg_dump that fits: which version the server has, and which package', async () => {
    const bin = file('bin-old');
    await mkdir(bin);
    await writeFile(join(bin, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 15.1"\n', { mode: 0o755 });
    const ran = await bmtool(['snapshot', 'export', 'kept', file('old.bmsnap')], { env: { BMTOOL_PG_BIN: bin } });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(
      /is 18\.\d+: this takes a pg_dump of version 18 or newer.*15\.1[\s\S]*postgresql-client-18/,
    );
  });
});

test.runIf(isThorough)('a file of another NetBox is imported with a warning, and its restore is refused', async () => {
  await sql("INSERT INTO django_migrations (app, name, applied) VALUES ('dcim', '9999_of_tomorrow', now())");
  await succeed('snapshot', 'export', 'live', file('newer.bmsnap'));
  await sql("DELETE FROM django_migrations WHERE name = '9999_of_tomorrow'");
  const ran = await bmtool(['snapshot', 'import', file('newer.bmsnap'), '--name', 'newer'], { env });
  expect(ran.exitCode, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(/of another NetBox:\n +migrations of dcim: here .*, file 9999_of_tomorrow/);
  expect(ran.stderr).not.toMatch(/copy is ready/);
  const restored = await bmtool(['snapshot', 'restore', 'newer']);
  expect([restored.exitCode, restored.stderr]).toEqual([1, expect.stringMatching(/is of another NetBox/)]);
});

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}
