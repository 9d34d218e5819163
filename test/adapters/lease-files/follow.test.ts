import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FollowWish, followFile } from '../../../src/adapters/lease-files/follow.ts';
import { Failure } from '../../../src/core/failure.ts';
import { fixture, keaHeader } from './fixture.ts';
import { addressOf, macOf } from './server.ts';

let folder: string;
let path: string;
const running: { stop(): Promise<void> }[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmtool-follow-'));
  path = join(folder, 'kea-leases4.csv');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(one => one.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const now = Math.floor(Date.now() / 1000);
const grant = (host: number, ends = now + 3600, client = host) =>
  `${addressOf(host)},${macOf(client)},,3600,${ends},1,0,0,h${client},0,\n`;
const id = (host: number, ends = now + 3600, client = host) => `granted/${macOf(client)}/${addressOf(host)}/${ends}`;
const dnsmasqLine = (host: number) => `${now + 3600} ${macOf(host)} ${addressOf(host)} * *\n`;

/** Follows until it is stopped; `ids` are those told so far. */
function start(wish: Partial<FollowWish> = {}) {
  const end = new AbortController();
  const ids: string[] = [];
  const shown: string[] = [];
  const notes: string[] = [];
  const tools = {
    stateDir: folder,
    host: 'h',
    clock: Date.now,
    signal: end.signal,
    note: (text: string) => void notes.push(text),
  };
  const tell: FollowWish['tell'] = events => void ids.push(...events.map(event => event.id));
  const ended = (async () => {
    for await (const event of followFile(
      { path, server: undefined, once: false, remember: true, tell, ...wish },
      tools,
    )) {
      expect(ids, 'told before it is shown').toContain(event.id);
      shown.push(event.id);
    }
  })();
  ended.catch(() => {});
  const stop = async () => {
    end.abort();
    await ended.catch(() => {});
  };
  running.push({ stop });
  return { ids, shown, notes, ended, stop };
}

async function once(wish: Partial<FollowWish> = {}): Promise<string[]> {
  const follower = start({ once: true, ...wish });
  await follower.ended;
  return follower.ids;
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 5 });

describe('a follower', () => {
  it('begins with every lease that is still valid, and with no other', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1, now - 5)}${grant(2)}${grant(3, now + 10, 4)}${grant(3)}`);
    expect(await once()).toEqual([id(2), id(3)]);
    expect(await once()).toEqual([]);
  });

  it('catches up with what happened while nobody looked, also with what is over by now', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    expect(await once()).toEqual([id(1)]);
    appendFileSync(path, grant(2, now - 10) + grant(2, now - 10).replace(',0,\n', ',2,\n'));
    expect(await once()).toEqual([id(2, now - 10), id(2, now - 10).replace('granted', 'expired')]);
  });

  it('sees records come, torn ones when they are whole', async () => {
    writeFileSync(path, `${keaHeader}\n`);
    const { ids, shown } = start();
    appendFileSync(path, grant(1));
    await until(() => expect(ids).toEqual([id(1)]));
    appendFileSync(path, grant(2).slice(0, 20));
    appendFileSync(path, grant(2).slice(20) + grant(3));
    await until(() => expect(shown).toEqual([id(1), id(2), id(3)]));
  });

  it('sees changes as they come, without waiting for its next look around', async () => {
    writeFileSync(path, `${keaHeader}\n`);
    const { ids } = start();
    const startedMs = Date.now();
    for (let host = 1; host <= 12; host++) {
      appendFileSync(path, grant(host));
      await until(() => expect(ids).toHaveLength(host));
    }
    expect(Date.now() - startedMs, 'looking around once a second takes twelve').toBeLessThan(6_000);
  }, 20_000);

  it('reads a new file that is as long as the one before and ends with the same bytes', async () => {
    path = join(folder, 'dhcpd.leases');
    const block = (host: number, ends: string) =>
      `lease ${addressOf(host)} {\n  starts 6 2126/11/21 04:45:49;\n  ends 6 2126/11/21 ${ends};\n  binding state active;\n  hardware ethernet ${macOf(host)};\n${'  set a = "b";\n'.repeat(100)}}\n`;
    writeFileSync(path, block(1, '05:00:00') + block(2, '05:00:00'));
    expect(await once()).toHaveLength(2);
    writeFileSync(`${path}.new`, block(1, '06:00:00') + block(2, '05:00:00'));
    renameSync(`${path}.new`, path);
    expect(await once()).toEqual([expect.stringContaining(addressOf(1))]);
  });

  it('waits for a file that is not there yet, and for one that is away for a while', async () => {
    const { ids, notes } = start();
    await until(() => expect(notes).toHaveLength(1));
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    await until(() => expect(ids).toEqual([id(1)]));
    renameSync(path, join(folder, 'elsewhere'));
    await until(() => expect(notes).toHaveLength(2));
    writeFileSync(path, `${keaHeader}\n${grant(1)}${grant(2)}`);
    await until(() => expect(ids).toEqual([id(1), id(2)]));
  });

  it('waits for a folder that is not there yet', async () => {
    path = join(folder, 'later', 'dnsmasq.leases');
    const { ids, notes } = start();
    await until(() => expect(notes).toHaveLength(1));
    mkdirSync(join(folder, 'later'));
    writeFileSync(path, dnsmasqLine(1));
    await until(() => expect(ids).toEqual([id(1)]));
  });

  it('tells a lease of dnsmasq that is gone', async () => {
    path = join(folder, 'dnsmasq.leases');
    writeFileSync(path, dnsmasqLine(1) + dnsmasqLine(2));
    const { ids } = start();
    await until(() => expect(ids).toEqual([id(1), id(2)]));
    writeFileSync(path, dnsmasqLine(2));
    await until(() => expect(ids.slice(2)).toEqual([id(1).replace('granted', 'released')]));
    writeFileSync(path, '');
    await until(() => expect(ids.slice(3)).toEqual([id(2).replace('granted', 'released')]));
  });

  it('ends when it is interrupted, and goes on where it was', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    const first = start();
    await until(() => expect(first.ids).toHaveLength(1));
    appendFileSync(path, grant(2));
    await until(() => expect(first.ids).toHaveLength(2));
    await first.stop();
    await first.ended;
    appendFileSync(path, grant(3));
    expect(await once()).toEqual([id(3)]);
  });

  it('counts as told only what was taken', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    const full = new Failure('diary-unwritable', 'the disk is full');
    const refuse = () => {
      throw full;
    };
    await expect(once({ tell: refuse })).rejects.toBe(full);
    expect(await once()).toEqual([id(1)]);
    // With what was told just before still to be saved, too.
    let takes = 2;
    const follower = start({
      tell: events => (takes-- > 0 ? follower.ids.push(...events.map(event => event.id)) : refuse()),
    });
    for (const host of [2, 3]) {
      appendFileSync(path, grant(host));
      await until(() => expect(follower.shown.at(-1)).toBe(id(host)));
    }
    appendFileSync(path, grant(4));
    await expect(follower.ended).rejects.toBe(full);
    expect((await once()).at(-1)).toBe(id(4));
  });

  it('reads a file anew that was written anew in its place', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    expect(await once()).toEqual([id(1)]);
    writeFileSync(path, `${keaHeader}\n${grant(5)}${grant(6)}`);
    expect(await once()).toEqual([id(5), id(6), id(1).replace('granted', 'released')]);
  });

  it('writes nothing down when it is not to remember', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    expect(await once({ remember: false })).toEqual([id(1)]);
    expect(await once({ remember: false })).toEqual([id(1)]);
    expect(readdirSync(folder)).toEqual(['kea-leases4.csv']);
  });

  it('keeps a diary for each file, of the addresses that are in it, and begins anew with a damaged one', async () => {
    writeFileSync(path, `${keaHeader}\n${grant(1)}${grant(2)}${grant(2).replace('3600', '0')}`);
    await once();
    mkdirSync(join(folder, 'b'));
    const [diary = ''] = readdirSync(join(folder, 'follow')).map(name => join(folder, 'follow', name));
    expect(Object.keys(JSON.parse(readFileSync(diary, 'utf8')).told)).toEqual([addressOf(1)]);
    const first = path;
    path = join(folder, 'b', 'kea-leases4.csv');
    writeFileSync(path, `${keaHeader}\n${grant(1)}`);
    expect(await once(), 'another file of that name').toEqual([id(1)]);
    path = first;
    const good = readFileSync(diary, 'utf8');
    for (const damage of [
      good.replace(path, '/other'),
      good.replace('"kea"', '"isc"'),
      good.replace('"readAt":', '"x":'),
      '',
      '{"format":1',
      '[]',
      'null',
      '{"format":1,"told":{"x":[]}}',
      '\0\0',
    ]) {
      writeFileSync(diary, damage);
      expect(await once(), damage).toEqual([id(1)]);
    }
  });

  it('reads no more than what was added to a large file', async () => {
    const many = Array.from({ length: 120_000 }, (_, i) => grant((i % 200) + 1)).join('');
    writeFileSync(path, `${keaHeader}\n${many}`);
    const { ids } = start();
    await until(() => expect(ids).toHaveLength(200));
    const before = bytesRead();
    appendFileSync(path, grant(250));
    await until(() => expect(ids).toHaveLength(201));
    expect(bytesRead() - before).toBeLessThan(1_000_000);
  });

  it('tells only the last words of what is much', async () => {
    writeFileSync(path, `${keaHeader}\n`);
    expect(await once()).toEqual([]);
    appendFileSync(path, Array.from({ length: 80_000 }, (_, i) => grant((i % 200) + 1, now + 3600 + i)).join(''));
    const ids = await once();
    expect(ids).toHaveLength(200);
    expect(ids.at(-1)).toBe(id(200, now + 3600 + 79_999));
  });
});

describe('what cannot be followed', () => {
  const refusal = async (text: string | undefined, make: () => void, wish: Partial<FollowWish> = {}) => {
    make();
    const error = await start(wish).ended.then(
      () => undefined,
      reason => reason,
    );
    expect(error).toBeInstanceOf(Failure);
    expect(error.exit).toBe(2);
    expect(error.message).toEqual(expect.stringContaining(text ?? ''));
    expect(readdirSync(folder)).not.toContain('follow');
  };

  it.each<[string, string, () => void, Partial<FollowWish>]>([
    ['a directory', 'is a directory', () => mkdirSync(path), {}],
    ['a pipe', 'no regular file', () => execFileSync('mkfifo', [path]), {}],
    ['a link to itself', 'cannot be read', () => symlinkSync(path, path), {}],
    ['a log', 'is no lease file', () => writeFileSync(path, 'Nov 21 04:41:48 started\n'), {}],
    ['leases of IPv6', 'IPv6', () => writeFileSync(path, 'address,duid,valid_lifetime\n'), {}],
    ['nothing, once', 'is not there', () => {}, { once: true }],
    ['a directory, of a format', 'is a directory', () => mkdirSync(path), { server: 'isc' }],
  ])('%s is refused', (_, text, make, wish) => refusal(text, make, wish));
});

it.each([
  ['isc', 'dhcpd.leases'],
  ['kea', 'kea-leases4.csv'],
  ['dnsmasq', 'dnsmasq.leases'],
] as const)('a recording of %s is over long ago: nothing of it is told', async (server, name) => {
  path = join(folder, 'leases');
  writeFileSync(path, fixture(name), 'latin1');
  expect(await once()).toEqual([]);
  expect(await once({ server })).toEqual([]);
});

function bytesRead(): number {
  return Number(/^rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}
