import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readingText } from '../support/hook-calls.ts';
import { compiled, program } from '../support/program.ts';
import { callsIn, commit, makePlace, recordsIn, runPlain } from './support.ts';

const words = commit.map(String);
const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => runPlain([...program, ...args], env);
const silent = { code: 0, stdout: '', stderr: '' };
const kea = {
  LEASES4_SIZE: '1',
  LEASES4_AT0_ADDRESS: '192.0.2.9',
  LEASES4_AT0_HWADDR: '94:40:c9:00:00:01',
  LEASES4_AT0_CLTT: '1795218883',
  LEASES4_AT0_VALID_LIFETIME: '20',
};
const granted = 'granted/94:40:C9:00:00:01/192.0.2.9/1795218903';

it('is itself the script of Kea', async () => {
  const { spool, inbox } = makePlace();
  expect(await run(['leases4_committed'], { ...kea, BMTOOL_SPOOL_DIR: spool })).toEqual(silent);
  const [call] = await callsIn(inbox, 1);
  expect(call && readingText(call, 0)).toContain(granted);
});

it('is itself the script of dnsmasq', async () => {
  const { spool, inbox } = makePlace();
  const env = { DNSMASQ_LEASE_EXPIRES: '1795218903', BMTOOL_SPOOL_DIR: spool };
  expect(await run(['add', '94:40:c9:00:00:01', '192.0.2.9'], env)).toEqual(silent);
  const [call] = await callsIn(inbox, 1);
  expect(call && readingText(call, 0)).toContain(granted);
});

it.each<[string, readonly string[], NodeJS.ProcessEnv, string]>([
  ['--spool', ['--spool', '@/a'], { BMTOOL_SPOOL_DIR: '@/b' }, 'a'],
  ['--spool=', ['--spool=@/a'], {}, 'a'],
  ['--spool-dir, as every command has it', ['--spool-dir', '@/a'], {}, 'a'],
  ['BMTOOL_SPOOL_DIR', [], { BMTOOL_SPOOL_DIR: '@/b', BMTOOL_STATE_DIR: '@/c' }, 'b'],
  ['BMTOOL_STATE_DIR', [], { BMTOOL_STATE_DIR: '@/c', XDG_STATE_HOME: '@/d' }, 'c/spool'],
  ['XDG_STATE_HOME', [], { XDG_STATE_HOME: '@/d', HOME: '@/e' }, 'd/bmtool/spool'],
  ['HOME', [], { HOME: '@/e' }, 'e/.local/state/bmtool/spool'],
])('takes the spool from %s', async (_, options, env, where) => {
  const { folder } = makePlace();
  const placed = (text: string) => text.replace('@', folder);
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, placed(value ?? '')]));
  expect(await run(['dhcp', 'hook', ...options.map(placed), ...words], variables)).toEqual(silent);
  await callsIn(join(folder, where, 'inbox'), 1);
});

it('takes for the server’s words what only looks like an option', async () => {
  const { spool, inbox } = makePlace();
  const odd = [...words.slice(0, 3), '--help', '--from', '--', ...words.slice(6)];
  expect(await run(['dhcp', 'hook', '--from', 'isc', '--spool', spool, ...odd])).toEqual(silent);
  expect(await run(['dhcp', 'hook', '--spool', spool, '--', '--help'])).toEqual(silent);
  const [first, second] = await callsIn(inbox, 2);
  expect(first?.from).toBe('isc');
  expect(first?.args.map(String)).toEqual(odd);
  expect(second?.args.map(String)).toEqual(['--help']);
});

it('keeps a call though it is told nonsense about who made it', async () => {
  const { spool, inbox } = makePlace();
  expect(await run(['dhcp', 'hook', '--from', 'bind', '--spool', spool, ...words])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'bmtool dhcp hook: --from must be one of isc, kea, dnsmasq\n',
  });
  expect((await callsIn(inbox, 1))[0]?.from).toBeUndefined();
});

it('ends with 0 also when it is told nothing', async () => {
  expect(await run(['dhcp', 'hook'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'bmtool dhcp hook: nothing to do: DHCP servers call this, with arguments\n',
  });
});

it('says in one line what the file system says, without moving anybody’s cursor', async () => {
  const { folder } = makePlace();
  mkdirSync(join(folder, 'a\x1b[2Jb\n', 'inbox'), { recursive: true });
  const { code, stderr } = await run(['dhcp', 'hook', '--spool', join(folder, 'a\x1b[2Jb\n'), ...words]);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^bmtool dhcp hook: cannot write to the spool .*: EISDIR.*\n$/);
  expect(stderr).not.toContain('\x1b');
});

it('does not mind that nobody listens, and that its home is closed', async () => {
  const { folder } = makePlace();
  const { code } = await runPlain(
    [
      'sh',
      '-c',
      `"$@" 2>&-; exec "$@" 2>/dev/full`,
      'sh',
      ...program,
      'dhcp',
      'hook',
      '--spool',
      '/dev/null/x',
      ...words,
    ],
    { HOME: '/proc/nowhere', PATH: process.env.PATH },
  );
  expect(code).toBe(0);
  const { spool, inbox } = makePlace();
  expect(await run(['dhcp', 'hook', '--spool', spool, ...words], { HOME: '/proc/nowhere' })).toEqual(silent);
  await callsIn(inbox, 1);
  expect(recordsIn(join(folder, 'inbox'))).toEqual([]);
});

it('explains a call to people, and keeps nothing', async () => {
  const { spool, inbox } = makePlace();
  const env = { BMTOOL_SPOOL_DIR: spool, HOME: spool, ...compiled };
  const told = await run(['dhcp', 'hook', '--explain', ...words], env);
  expect(told.code).toBe(0);
  expect(JSON.parse(told.stdout)).toMatchObject({ kind: 'granted', mac: '94:40:C9:00:00:01', leaseSeconds: 60 });
  const json = await run(['dhcp', 'hook', '--json', 'leases4_committed'], { ...env, ...kea });
  expect(JSON.parse(json.stdout).result.events).toMatchObject([{ id: granted }]);
  const ignored = await run(['dhcp', 'hook', '--explain', 'tftp'], env);
  expect([ignored.code, ignored.stdout]).toEqual([0, 'ignored: no event of a lease\n']);
  const dead = await run(['dhcp', 'hook', '--explain', 'commit', 'x', 'y'], env);
  expect([dead.code, dead.stdout]).toEqual([1, 'a dead letter: "y" is no MAC address\n']);
  expect(recordsIn(inbox)).toEqual([]);
  const help = await run(['dhcp', 'hook', '--help'], env);
  expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/^Usage: bmtool dhcp hook .*call\.\.\./)]);
});

it('leaves words alone that no server says', async () => {
  for (const args of [['add'], ['leases4_committed', 'more'], ['lease']])
    expect((await run(args, { HOME: '/', ...compiled })).stderr, args.join(' ')).toContain('unknown command');
});
