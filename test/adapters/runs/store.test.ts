import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRunStore } from '../../../src/adapters/runs/store.ts';
import type { NewRun } from '../../../src/adapters/runs/writer.ts';
import { Failure } from '../../../src/core/failure.ts';
import { create, keysOf, update } from '../../core/changes.ts';

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'bmtool-runs-'));
});
afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const storePath = join(import.meta.dirname, '../../../src/adapters/runs/store.ts');
const netbox = 'http://localhost:8000';
const plan = [
  create('mac', { after: { mac_address: 'AA' } }),
  update('primary', { needs: ['mac'] }),
  create('entry', { kind: 'extras.journalentry', needs: ['primary'] }),
];
const work: NewRun = { command: 'load-macs a.csv', target: { netbox, version: '4.7.3' }, changes: plan };
const done = (key: string) => ({ key, state: 'done', id: 1 }) as const;

function fileOf(id: string): string {
  return join(stateDir, 'runs', `${id}.jsonl`);
}

/** As if the process that wrote the run were gone. */
function bury(id: string): void {
  const [first = '', ...rest] = readFileSync(fileOf(id), 'utf8').split('\n');
  const header = JSON.parse(first);
  writeFileSync(
    fileOf(id),
    [JSON.stringify({ ...header, process: { ...header.process, startTime: '1' } }), ...rest].join('\n'),
  );
}

describe('how long a run takes here', () => {
  const after = (seconds: number) => () => new Date(Date.UTC(2026, 10, 21, 8, 0, seconds));
  /** A run with so much work in its plan that took so long. */
  const took = (seconds: number, milliseconds: number, to = netbox, end: 'finished' | 'interrupted' = 'finished') => {
    let call = 0;
    const store = openRunStore(stateDir, () => after(call++ === 0 ? 0 : seconds)());
    store.begin({ ...work, work: milliseconds, target: { netbox: to, version: '4.7.3' } }).end(end);
  };

  it('is told by the runs that finished on the same NetBox', () => {
    expect(openRunStore(stateDir).pace(netbox)).toBeUndefined();
    took(5, 10_000);
    took(20, 10_000, 'http://elsewhere');
    took(1, 10_000, netbox, 'interrupted');
    took(3, 100); // hardly any work: all start and end
    expect(openRunStore(stateDir).pace(netbox)).toBe(0.5);
    took(7, 10_000);
    took(30, 10_000);
    expect(openRunStore(stateDir).pace(netbox)).toBe(0.7);
  });
});

describe('what was on its way', () => {
  const start = Date.UTC(2026, 10, 21, 8);
  const storeAt = (seconds: number) => openRunStore(stateDir, () => new Date(start + seconds * 1000));
  /** Sends two of three changes, hears of one of them, and falls silent. */
  const cutShort = (seconds: number, to = netbox) => {
    const run = storeAt(seconds).begin({ ...work, target: { netbox: to, version: '4.7.3' } });
    run.sent(['mac', 'primary']);
    run.result(done('mac'));
    bury(run.id);
    utimesSync(fileOf(run.id), 0, (start + seconds * 1000) / 1000 + 1);
    return run.id;
  };
  const unsettled = (since: number) =>
    openRunStore(stateDir)
      .unsettled(netbox, start + since * 1000)
      .map(({ run, changes, silentSince }) => [run.header.id, keysOf(changes), (silentSince - start) / 1000]);

  it('is what was sent and has no result, of a process that is gone', () => {
    const id = cutShort(0);
    expect(unsettled(0)).toEqual([[id, ['primary'], 1]]);
    expect(unsettled(2)).toEqual([]);
  });

  it('is nothing of another NetBox, of a process at work, or of a run with all its results', () => {
    cutShort(0, 'http://elsewhere');
    storeAt(1).begin(work).sent(['mac']);
    const run = storeAt(2).begin(work);
    run.sent(['mac']);
    run.result(done('mac'));
    run.end('finished');
    expect(unsettled(0)).toEqual([]);
  });

  it('is nobody’s to wait for again when another run has begun since', () => {
    cutShort(0);
    const id = cutShort(5);
    expect(unsettled(0)).toEqual([[id, ['primary'], 6]]);
  });
});

describe('events of a queue', () => {
  it('are on disk before they are taken out, and a header full of them is read', () => {
    const store = openRunStore(stateDir);
    const entries = Array.from({ length: 2000 }, (_, i) => JSON.stringify({ mac: `94:40:C9:00:00:${i}` }));
    const queue = { redis: 'localhost:6380', key: 'q', op: 'remove', entries } as const;
    const run = store.begin({ ...work, work: 5000, queue });
    expect(store.read(run.id)).toMatchObject({ header: { queue }, queueBegun: false });
    run.queueBegun();
    run.end('finished');
    expect(store.read(run.id).queueBegun).toBe(true);
    expect(store.pace(netbox)).toBeDefined();
  });
});

describe('a run', () => {
  it('is on disk with its whole plan before anything is sent, readable by its owner alone', () => {
    const store = openRunStore(stateDir);
    const { id } = store.begin(work);
    expect(store.read(id).changes).toEqual(plan);
    expect(store.read(id).state).toBe('running');
    expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
    expect(statSync(store.folder).mode & 0o777).toBe(0o700);
  });

  it('keeps every line that was told', () => {
    const store = openRunStore(stateDir);
    const run = store.begin(work);
    run.sent(['mac', 'primary']);
    run.result(done('mac'));
    run.result({ key: 'primary', state: 'failed', reason: 'Grüße' });
    expect(store.read(run.id).sent).toEqual(new Set(['mac', 'primary']));
    expect(store.read(run.id).results.get('primary')).toEqual({ key: 'primary', state: 'failed', reason: 'Grüße' });
    run.end('interrupted');
    expect(store.read(run.id).state).toBe('interrupted');
    expect(store.read(run.id).endedAt).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('is cut short when its process is gone without a word', async () => {
    const script = `
      import { openRunStore } from ${JSON.stringify(storePath)};
      const run = openRunStore(process.argv[1]).begin(${JSON.stringify(work)});
      run.sent(['mac']);
      run.result({ key: 'mac', state: 'done', id: 9 });
      process.stdout.write(run.id);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script, stateDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const store = openRunStore(stateDir);
    expect(store.read(String(said)).state).toBe('running');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(store.read(String(said))).toMatchObject({
      state: 'cut short',
      results: new Map([['mac', { key: 'mac', state: 'done', id: 9 }]]),
    });
    appendFileSync(fileOf(String(said)), '{"result":{"key":"prim');
    expect(store.read(String(said)).results.size).toBe(1);
  });

  it('refuses to begin where nothing can be written, and says that nothing was changed', () => {
    writeFileSync(join(stateDir, 'runs'), 'a file, not a folder');
    try {
      openRunStore(stateDir).begin(work);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect((error as Failure).next).toContain('Nothing was changed');
    }
  });

  it('ends with a sentence, not a bug report, when there is no room for a result', () => {
    const script = `
      import { openRunStore } from ${JSON.stringify(storePath)};
      const run = openRunStore(process.argv[1]).begin(${JSON.stringify(work)});
      try {
        for (;;) run.result({ key: 'mac', state: 'failed', reason: 'x'.repeat(1000) });
      } catch (error) {
        process.stdout.write(error.name + ': ' + error.message);
      }`;
    const limited = spawnSync(
      'sh',
      [
        '-c',
        'ulimit -f 32; exec "$0" "$@"',
        process.execPath,
        '--input-type=module-typescript',
        '-e',
        script,
        stateDir,
      ],
      { encoding: 'utf8' },
    );
    expect(limited.stdout).toMatch(/^Failure: Cannot write the run file in .*too large/);
  });
});

describe('the list of runs', () => {
  it('is empty where none was', () => {
    expect(openRunStore(stateDir).list()).toEqual([]);
  });

  it('has the newest first, also of runs within one second', () => {
    let ms = Date.parse('2026-11-21T07:12:33.000Z');
    const store = openRunStore(stateDir, () => {
      ms += 20;
      return new Date(ms);
    });
    const ids = Array.from({ length: 30 }, () => {
      const run = store.begin(work);
      run.end('finished');
      return run.id;
    });
    expect(store.list().map(run => run.header.id)).toEqual(ids.toReversed());
  });

  it('leaves out what is not a run', () => {
    const store = openRunStore(stateDir);
    const { id } = store.begin(work);
    writeFileSync(fileOf('20990101-000000-new'), '{"format":2}\n');
    writeFileSync(join(store.folder, 'notes.txt'), 'hello');
    expect(store.list().map(run => run.header.id)).toEqual([id]);
    expect(() => store.read('20990101-000000-new')).toThrow('is not one that this bmtool can read');
  });
});

describe('finding a run', () => {
  it('takes a beginning or the last three characters, if only one run fits', () => {
    const store = openRunStore(stateDir, () => new Date('2026-11-21T07:12:33Z'));
    const first = store.begin(work).id;
    expect(store.read('20261121').header.id).toBe(first);
    expect(store.read(first.slice(-3)).header.id).toBe(first);
    const second = store.begin(work).id;
    expect(store.read(second).header.id).toBe(second);
    expect(() => store.read('20261121')).toThrow(/^20261121 may be .* or .*/);
  });

  it.each(['nope', '../../etc/passwd', ''])('says so when none fits %j', typed => {
    const store = openRunStore(stateDir);
    store.begin(work);
    expect(() => store.read(typed)).toThrow('There is no run');
  });
});

describe('what is owed', () => {
  function killedRun(
    ...results: Parameters<ReturnType<ReturnType<typeof openRunStore>['begin']>['result']>[0][]
  ): string {
    const run = openRunStore(stateDir).begin(work);
    run.sent(keysOf(plan));
    for (const result of results) run.result(result);
    bury(run.id);
    return run.id;
  }

  it('is what a dead run had still to create because of something it did', () => {
    const id = killedRun(done('mac'), done('primary'));
    expect(openRunStore(stateDir).owed(netbox)).toEqual({ runIds: [id], creates: [plan[2]] });
  });

  it.each([
    ['was done', done('entry')],
    ['was refused', { key: 'entry', state: 'failed', reason: 'no' } as const],
  ])('is not what %s', (_, result) => {
    killedRun(done('mac'), done('primary'), result);
    expect(openRunStore(stateDir).owed(netbox).creates).toEqual([]);
  });

  it('is nothing to another NetBox, and nothing of a run at work', () => {
    killedRun(done('mac'));
    expect(openRunStore(stateDir).owed('http://elsewhere').runIds).toEqual([]);
    rmSync(join(stateDir, 'runs'), { recursive: true });
    openRunStore(stateDir).begin(work);
    expect(openRunStore(stateDir).owed(netbox).runIds).toEqual([]);
  });

  it.each(['resumes', 'undoes'] as const)('is settled once a run that %s it has finished', how => {
    const id = killedRun(done('mac'), done('primary'));
    const store = openRunStore(stateDir);
    const next = store.begin({ ...work, ...(how === 'resumes' ? { resumes: [id] } : { undoes: id }) });
    next.end('finished');
    expect(store.owed(netbox)).toEqual({ runIds: [], creates: [] });
  });
});
