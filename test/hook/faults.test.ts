import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mostInboxBytes } from '../../src/adapters/spool/append.ts';
import { program } from '../support/program.ts';
import { tries } from '../support/tries.ts';
import {
  binary,
  callOf,
  callsIn,
  commit,
  type Hook,
  isRoot,
  makePlace,
  type Place,
  plain,
  recordsIn,
  runPlain,
  runRaw,
  shells,
  stubUnder,
} from './support.ts';

const stubs = shells.map(shell => [`the stub under ${shell.join(' ')}`, stubUnder(shell)] as const);
const hooks: readonly (readonly [string, Hook])[] = [...stubs, ['the binary', binary]];
const silent = { code: 0, stdout: '', stderr: '' };
const call = { args: commit };
const isStub = (name: string) => name !== 'the binary';

/** The stub complains to the system's log, for its server may wait until nobody holds its stderr; the binary says it there. */
function complaint(name: string, says: RegExp) {
  return { code: 0, stdout: '', stderr: isStub(name) ? '' : expect.stringMatching(says) };
}

describe.each(hooks)('%s', (name, hook) => {
  const run = (place: Place, wish = call) => runRaw(hook(place), wish, place.folder);
  it('makes a spool that is missing, for its group alone', async () => {
    const place = makePlace('missing/of/it');
    expect(await run(place)).toEqual(silent);
    await callsIn(place.inbox, 1);
    expect(statSync(place.inbox).mode & 0o777).toBe(0o660);
    expect(statSync(place.spool).mode & 0o007).toBe(0);
  });

  it('takes a spool whose name needs quotes', async () => {
    const place = makePlace(`it's "a" $spool \\ here`);
    expect(await run(place)).toEqual(silent);
    await callsIn(place.inbox, 1);
  });

  it('lets alone what is no file in the inbox’s place', async () => {
    const fifo = makePlace();
    mkdirSync(fifo.spool);
    spawnSync('mkfifo', [fifo.inbox]);
    expect(await run(fifo)).toEqual(complaint(name, /^bmtool dhcp hook: cannot write to the spool .*is no file\n$/));
    const folder = makePlace();
    mkdirSync(folder.inbox, { recursive: true });
    expect(await run(folder)).toEqual(complaint(name, /cannot write to the spool .*EISDIR.*\n$/));
    const link = makePlace();
    mkdirSync(link.spool);
    writeFileSync(join(link.folder, 'elsewhere'), '');
    symlinkSync(join(link.folder, 'elsewhere'), link.inbox);
    expect(await run(link)).toEqual(complaint(name, /cannot write to the spool .*ELOOP.*\n$/));
    const dangling = makePlace();
    mkdirSync(dangling.spool);
    symlinkSync(join(dangling.folder, 'nowhere'), dangling.inbox);
    await run(dangling);
    await settled(dangling);
    expect(readFileSync(join(link.folder, 'elsewhere'), 'utf8')).toBe('');
    expect(existsSync(join(dangling.folder, 'nowhere'))).toBe(false);
  });

  it('stops at the size that it is bounded by', async () => {
    const place = makePlace();
    mkdirSync(place.spool);
    writeFileSync(place.inbox, '');
    truncateSync(place.inbox, mostInboxBytes - 3);
    expect(await run(place)).toEqual(
      complaint(name, /the inbox is full: 67108861 bytes that no worker has taken away\n$/),
    );
    await settled(place);
    expect(statSync(place.inbox).size).toBeLessThanOrEqual(mostInboxBytes);
  });

  it('parts its record from one that was torn', async () => {
    const place = makePlace();
    mkdirSync(place.spool);
    writeFileSync(place.inbox, '\ncall1\t\tepoch\t17');
    await run(place);
    await expect.poll(() => recordsIn(place.inbox).length).toBe(2);
    expect(plain(callOf(recordsIn(place.inbox)[1] ?? new Uint8Array()))).toEqual(
      plain({ from: undefined, args: commit, env: new Map(), at: undefined }),
    );
  });
});

/** When no process of the stub is left: what it would have written is written by then. */
async function settled({ folder }: Place): Promise<void> {
  await expect
    .poll(() => spawnSync('grep', ['-ls', folder, ...globSync('/proc/[0-9]*/cmdline')]).stdout.toString())
    .toBe('');
}

it('a spool is written to by many calls at once, each one whole', async () => {
  const place = makePlace();
  const all = Array.from({ length: tries(200) }, (_, i) => {
    const [, hook] = hooks[i % hooks.length] as (typeof hooks)[number];
    return runRaw(hook(place), { args: [...commit.slice(0, 3), Buffer.from(`bmc-${i}`)] }, place.folder);
  });
  expect(await Promise.all(all)).toEqual(all.map(() => silent));
  const names = (await callsIn(place.inbox, all.length)).map(({ args }) => String(args[3]));
  expect(names.sort()).toEqual(all.map((_, i) => `bmc-${i}`).sort());
});

describe.skipIf(!isRoot)(isRoot ? 'as root' : 'as root (left out: this is not root)', () => {
  it.each(hooks)('%s works as a user who has nothing', async (_, hook) => {
    const place = makePlace();
    mkdirSync(place.spool);
    chmodSync(place.folder, 0o755);
    chmodSync(place.spool, 0o777);
    const asNobody = ['setpriv', '--reuid=54321', '--regid=54321', '--clear-groups', '--inh-caps=-all', ...hook(place)];
    expect(await runRaw(asNobody.map(absolute), call, place.folder)).toEqual(silent);
    await callsIn(place.inbox, 1);
    expect(statSync(place.inbox)).toMatchObject({ uid: 54321, gid: 54321 });
    chmodSync(place.spool, 0o555);
    chmodSync(place.inbox, 0o444);
    const { code, stdout } = await runRaw(asNobody.map(absolute), call, place.folder);
    expect([code, stdout]).toEqual([0, '']);
    expect(recordsIn(place.inbox)).toHaveLength(1);
  });

  it.each(hooks)('%s ends with 0 when the disk is full, and goes on when it is not', async (name, hook) => {
    const place = makePlace('disk/spool');
    const disk = join(place.folder, 'disk');
    const words = [...hook(place), ...commit.map(String)].map(absolute);
    const outcome = await ownMounts(
      `mkdir ${disk} && mount -t tmpfs -o size=16k tmpfs ${disk} && mkdir ${place.spool}
       dd if=/dev/zero of=${disk}/full bs=4k 2>/dev/null
       "$@"; echo "ended with $?"
       rm ${disk}/full
       "$@"; echo "ended with $?"
       timeout 60 sh -c 'until grep -qs commit ${place.inbox}; do :; done'
       grep -c commit ${place.inbox}`,
      words,
    );
    // A stub's child that was slow to come finds room again, and writes the first one, too.
    expect(outcome.stdout).toMatch(
      isStub(name) ? /^ended with 0\nended with 0\n[12]\n$/ : /^ended with 0\nended with 0\n1\n$/,
    );
    if (!isStub(name)) expect(outcome.stderr).toMatch(/^bmtool dhcp hook: cannot write to the spool .*ENOSPC.*\n$/);
  });

  // As dnsmasq does, somebody reads the hook’s output to its end.
  it.each(stubs)('%s does not wait for a disk that stands still', async (_, hook) => {
    const place = makePlace('disk/spool');
    const disk = join(place.folder, 'disk');
    const words = [...hook(place), ...commit.map(String)].map(absolute);
    const outcome = await ownMounts(
      `truncate -s 16M ${place.folder}/image && mkfs.ext4 -q ${place.folder}/image && mkdir ${disk}
       mount -o loop ${place.folder}/image ${disk} && mkdir ${place.spool} || exit 7
       trap 'fsfreeze -u ${disk}; umount ${disk}' EXIT
       fsfreeze -f ${disk}
       timeout 10 sh -c '"$@" 2>&1 | cat' sh "$@"; echo "ended with $?"
       fsfreeze -u ${disk}
       timeout 60 sh -c 'until grep -qs commit ${place.inbox}; do :; done'
       trap 'umount ${disk}' EXIT
       grep -c commit ${place.inbox}`,
      words,
    );
    if (outcome.code === 7) return; // A machine without loop devices.
    expect(outcome).toMatchObject({ stdout: 'ended with 0\n1\n', stderr: '' });
  });

  it.each(stubs)('%s writes itself where the server is the first process and would collect nobody', async (_, hook) => {
    const place = makePlace();
    const words = [...hook(place), ...commit.map(String)].map(absolute);
    const { stdout } = await runPlain([
      'unshare',
      '--fork',
      '--pid',
      '--mount-proc',
      'sh',
      '-c',
      `"$@"; grep -c commit ${place.inbox}; grep -l '^State:.Z' /proc/[0-9]*/status; true`,
      'sh',
      ...words,
    ]);
    expect(stdout).toBe('1\n');
  });

  it('the binary has a spool of its own where there is no home', async () => {
    const { stdout, stderr } = await ownMounts(
      `mount -t tmpfs tmpfs /var/lib && env -i "$@" && grep -c commit /var/lib/bmtool/spool/inbox`,
      [...program, 'dhcp', 'hook', ...commit.map(String)],
    );
    expect([stdout, stderr]).toEqual(['1\n', '']);
  });
});

/** Runs a script that mounts, where nobody else sees it. */
function ownMounts(script: string, words: readonly string[]) {
  return runPlain(['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...words]);
}

function absolute(word: string): string {
  return ['dash', 'busybox', 'bash', 'setpriv'].includes(word) ? `/usr/bin/${word}` : word;
}
