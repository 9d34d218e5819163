import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify } from '../../src/lab/identity.ts';
import { type LockHolder, takeLock } from '../../src/lab/lock.ts';
import { eventually, newStateDir } from './support.ts';

const never = new AbortController().signal;
const noWait = () => expect.unreachable('nobody holds the lock');

test('one at a time, and who waits is told who works', async () => {
  const file = join(newStateDir(), 'lock');
  let inside = 0;
  const told: LockHolder[] = [];
  const work = async () => {
    const release = await takeLock(file, { work: 'lab up', signal: never, onWait: holder => told.push(holder) });
    inside++;
    expect(inside).toBe(1);
    await new Promise(resolve => setImmediate(resolve));
    inside--;
    release();
  };
  await Promise.all([work(), work(), work()]);
  expect(told[0]).toMatchObject({ pid: process.pid, work: 'lab up' });
  expect(existsSync(file)).toBe(false);
});

test('the lock of a process that was killed is taken over by one of those that want it', async () => {
  const file = join(newStateDir(), 'lock');
  const script = `import { takeLock } from ${JSON.stringify(new URL('../../src/lab/lock.ts', import.meta.url).href)};
    await takeLock(${JSON.stringify(file)}, { work: 'lab up', signal: new AbortController().signal, onWait() {} });
    process.kill(process.pid, 'SIGKILL');`;
  const holder = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], { stdio: 'inherit' });
  await once(holder, 'exit');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: holder.pid });
  const releases: (() => void)[] = [];
  const takers = [1, 2, 3].map(() =>
    takeLock(file, { work: 'lab down', signal: never, onWait() {} }).then(release => releases.push(release)),
  );
  for (let count = 1; count <= 3; count++) {
    await eventually(() => (releases.length === count ? true : undefined));
    releases.at(-1)?.();
  }
  await Promise.all(takers);
});

test.each(['', 'not JSON', '{"pid":"x"}'])('a damaged lock is nobody’s: %j', async content => {
  const file = join(newStateDir(), 'lock');
  writeFileSync(file, content);
  (await takeLock(file, { work: 'lab up', signal: never, onWait: noWait }))();
});

test('a pid that another process has by now holds nothing', async () => {
  const file = join(newStateDir(), 'lock');
  const me = identify(process.pid);
  writeFileSync(file, JSON.stringify({ ...me, startTicks: 1, work: 'lab up' }));
  (await takeLock(file, { work: 'lab up', signal: never, onWait: noWait }))();
});

test('waiting can be interrupted', async () => {
  const file = join(newStateDir(), 'lock');
  const release = await takeLock(file, { work: 'lab up', signal: never, onWait: noWait });
  const abort = new AbortController();
  const waiting = takeLock(file, { work: 'lab down', signal: abort.signal, onWait: () => abort.abort() });
  await expect(waiting).rejects.toMatchObject({ exit: 130 });
  release();
});
