import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  familyOf,
  identify,
  isAlive,
  memoryOf,
  parseStat,
  readBootId,
  sessionMembers,
  uptimeOf,
} from '../../src/lab/identity.ts';
import { eventually } from './support.ts';

const statLine =
  '4321 (a (strange) name) S 17 4321 4321 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000000 200 18446744073709551615 1';

test('the name of a program in /proc/PID/stat may hold spaces and parentheses', () => {
  expect(parseStat(statLine)).toEqual({ state: 'S', parent: 17, session: 4321, startTicks: 987654 });
});

test.each(['', 'nonsense', '12 (cut) S'])('what is no stat line gives nothing: %j', line => {
  expect(parseStat(line)).toBeUndefined();
});

test('a process is itself, and nobody else is', () => {
  const me = identify(process.pid);
  if (me === undefined) throw new Error('this process is not in /proc');
  expect(isAlive(me)).toBe(true);
  expect(isAlive({ ...me, startTicks: me.startTicks + 1 })).toBe(false);
  expect(isAlive({ ...me, bootId: 'another boot' })).toBe(false);
  expect(isAlive({ ...me, exe: '/usr/bin/another' })).toBe(false);
  expect(isAlive({ ...me, pid: 2 ** 22 })).toBe(false);
  expect(me.bootId).toBe(readBootId());
  expect(uptimeOf(me)).toBeGreaterThan(0);
  expect(memoryOf([me.pid])).toBeGreaterThan(1_000_000);
});

test('what a dead session leader started is still found, and what another program is, is not', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & sleep 60 & wait'], { detached: true, stdio: 'ignore' });
  await once(leader, 'spawn');
  const identity = identify(leader.pid ?? 0);
  if (identity === undefined) throw new Error('it ended');
  const members = await eventually(() =>
    sessionMembers(identity).length === 3 ? sessionMembers(identity) : undefined,
  );
  expect(familyOf(identity.pid).toSorted()).toEqual(members.toSorted());
  expect(sessionMembers({ ...identity, startTicks: identity.startTicks + 1 })).toEqual([]);
  expect(sessionMembers({ ...identity, bootId: 'another boot' })).toEqual([]);
  process.kill(identity.pid, 'SIGKILL');
  await once(leader, 'exit');
  expect(isAlive(identity)).toBe(false);
  const orphans = sessionMembers(identity);
  expect(orphans).toHaveLength(2);
  for (const pid of orphans) process.kill(pid, 'SIGKILL');
});
