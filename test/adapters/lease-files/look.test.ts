import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dialects } from '../../../src/adapters/lease-files/dialects.ts';
import { type Diary, readDiary, saveDiary } from '../../../src/adapters/lease-files/diary.ts';
import { look, type Notice } from '../../../src/adapters/lease-files/look.ts';
import { lookAt, readWhole } from '../../../src/adapters/lease-files/whole.ts';
import { tries } from '../../support/tries.ts';
import { addressOf, type LeaseWriter, macOf, writerOf } from './server.ts';

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmtool-look-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Step =
  | { do: 'grant'; client: number; host: number }
  | { do: 'release' | 'expire'; host: number }
  | { do: 'tear'; bytes: number }
  | { do: 'mend' | 'replace' | 'compact' | 'look' | 'restart' | 'crash' };

const host = fc.integer({ min: 1, max: 3 });
const serverStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('grant' as const), client: fc.integer({ min: 1, max: 3 }), host }),
  fc.record({ do: fc.constantFrom('release' as const, 'expire' as const), host }),
  fc.record({ do: fc.constant('tear' as const), bytes: fc.nat(200) }),
  fc.record({ do: fc.constant('mend' as const) }),
);
const just = <T extends 'replace' | 'compact' | 'look' | 'restart' | 'crash'>(...names: T[]) =>
  fc.record({ do: fc.constantFrom(...names) });

/** Follows a file look by look, on a clock for which every file has rested. */
function reader(server: 'isc' | 'kea' | 'dnsmasq', path: string) {
  const diaryPath = join(folder, `${count}.json`);
  const told: string[] = [];
  let diary: Diary = readDiary(diaryPath, path, server);
  let notice: Notice = {};
  const clock = () => Date.now() + 10_000;
  const reopen = () => {
    diary = readDiary(diaryPath, path, server);
    notice = {};
  };
  return {
    told,
    /** As a person would see it: `mac/end` by address. */
    believed: () => new Map([...diary.told].map(([address, { mac, endsAt }]) => [address, `${mac}/${endsAt}`])),
    async look() {
      const { file, events } = await look({ path, dialect: dialects[server], diary, host: 'h', clock }, notice);
      expect(file).toBe('read');
      told.push(...events.map(({ id }) => id));
    },
    restart() {
      saveDiary(diaryPath, path, diary);
      reopen();
    },
    /** Killed after telling, before the diary was saved. */
    crash: reopen,
  };
}

async function play(server: 'isc' | 'kea' | 'dnsmasq', steps: readonly Step[]) {
  count += 1;
  const path = join(folder, `${count}.leases`);
  const writer = writerOf(server, path, Math.floor(Date.now() / 1000) + 3600);
  const follower = reader(server, path);
  await follower.look();
  follower.restart();
  for (const step of steps) {
    if (step.do === 'grant') writer.grant(step.client, step.host);
    else if (step.do === 'tear') writer.tearNext(step.bytes);
    else if (step.do === 'release' || step.do === 'expire') writer[step.do](step.host);
    else if (step.do === 'mend' || step.do === 'replace' || step.do === 'compact') writer[step.do]();
    else await follower[step.do]();
  }
  writer.tearNext(1e9);
  writer.mend();
  await follower.look();
  return { writer, ...follower };
}

const sorted = (items: Iterable<string>) => [...new Set(items)].sort();
const byAddress = (held: LeaseWriter['held']) => new Map([...held].sort());

describe.each(['isc', 'kea'] as const)('a file of %s that is added to', server => {
  it('tells each fact exactly once and in order, however looks, torn writes, restarts and new files fall', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(serverStep, just('look', 'restart', 'replace')), { maxLength: 40 }),
        async steps => {
          // What stands in a new file when it is first seen may have been there before: of that, the last words are told.
          const { writer, told, believed } = await play(
            server,
            steps.flatMap(step =>
              step.do === 'replace' ? [step, { do: 'look' } as Step, { do: 'compact' } as Step] : [step],
            ),
          );
          expect(told).toEqual(writer.facts);
          expect(byAddress(believed())).toEqual(byAddress(writer.held));
        },
      ),
      { numRuns: tries(60) },
    );
  });

  it('tells what was still added before a new file took the place', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(serverStep, { maxLength: 10 }),
        fc.array(serverStep, { maxLength: 3 }),
        async (before, after) => {
          const { writer, told } = await play(server, [
            ...before,
            { do: 'replace' },
            { do: 'look' },
            ...after,
            { do: 'look' },
          ]);
          expect(told).toEqual(writer.facts);
        },
      ),
      { numRuns: tries(40) },
    );
  });

  it('loses nothing when it is killed anywhere, and says again only what has the same id', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(serverStep, just('look', 'restart', 'crash')), { maxLength: 40 }),
        async steps => {
          const { writer, told } = await play(server, steps);
          expect(sorted(told)).toEqual(sorted(writer.facts));
        },
      ),
      { numRuns: tries(60) },
    );
  });

  it('knows in the end who has what, whatever was replaced and merged unseen, and tells nothing twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(serverStep, just('look', 'restart', 'replace', 'compact')), { maxLength: 40 }),
        async steps => {
          const { writer, told, believed } = await play(server, steps);
          expect(byAddress(believed())).toEqual(byAddress(writer.held));
          expect(sorted(told)).toHaveLength(told.length);
          for (const [address, held] of writer.held) {
            const [mac, end] = held.split('/');
            expect(told).toContain(`granted/${mac}/${address}/${end}`);
          }
        },
      ),
      { numRuns: tries(60) },
    );
  });
});

describe('a file of dnsmasq', () => {
  it('tells what it is like at each look, once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(serverStep, just('look', 'restart')), { maxLength: 40 }), async steps => {
        const { writer, told, believed } = await play('dnsmasq', steps);
        expect(byAddress(believed())).toEqual(byAddress(writer.held));
        expect(sorted(told)).toHaveLength(told.length);
      }),
      { numRuns: tries(60) },
    );
  });

  it('tells each fact, when it is looked at after each', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(serverStep, { maxLength: 20 }), async steps => {
        const { writer, told } = await play(
          'dnsmasq',
          steps.flatMap(step => [step, { do: 'look' } as Step]),
        );
        // A dnsmasq that takes a lease away before its end released it, whatever it calls it.
        expect(told).toEqual(writer.facts.map(fact => fact.replace('expired', 'released')));
      }),
      { numRuns: tries(60) },
    );
  });
});

describe('a file that is written anew in its place', () => {
  const end = Math.floor(Date.now() / 1000) + 3600;
  const lines = (...hosts: number[]) => hosts.map(host => `${end} ${macOf(host)} ${addressOf(host)} * *\n`).join('');
  let path: string;
  let laterMs: number;
  const open = () => {
    count += 1;
    path = join(folder, `${count}.leases`);
    laterMs = 60_000;
    writeFileSync(path, lines(1, 2));
    const diary = readDiary('', path, 'dnsmasq');
    const notice: Notice = {};
    const clock = () => Date.now() + laterMs;
    return async () => {
      const { file, events } = await look({ path, dialect: dialects.dnsmasq, diary, host: 'h', clock }, notice);
      return [file, ...events.map(({ data }) => `${data.kind} ${data.address.split('.').at(-1)}`)];
    };
  };

  it('is waited for until it rests', async () => {
    const see = open();
    expect(await see()).toEqual(['read', 'granted 1', 'granted 2']);
    expect(await see()).toEqual(['read']);
    laterMs = 0;
    for (const text of ['', lines(1), `${lines(1)}17952`, '']) {
      writeFileSync(path, text);
      expect(await see(), text).toEqual(['changing']);
    }
    writeFileSync(path, lines(1, 2, 3));
    expect(await see()).toEqual(['changing']);
    laterMs = 150;
    expect(await see()).toEqual(['read', 'granted 3']);
    writeFileSync(path, lines(3));
    laterMs = 60_000;
    expect(await see()).toEqual(['read', 'released 1', 'released 2']);
  });

  it('is waited for longer where it is empty', async () => {
    const see = open();
    await see();
    writeFileSync(path, '');
    laterMs = 500;
    expect(await see()).toEqual(['changing']);
    laterMs = 1_500;
    expect(await see()).toEqual(['read', 'released 1', 'released 2']);
  });

  it('is read where it never rests, but for what is missing', async () => {
    const see = open();
    await see();
    laterMs = 0;
    writeFileSync(path, lines(3));
    expect(await see()).toEqual(['changing']);
    laterMs = 50;
    writeFileSync(path, lines(3, 4));
    expect(await see()).toEqual(['changing']);
    laterMs = 1_050;
    writeFileSync(path, `${lines(3, 4)}17952`);
    const justNow = (Date.now() + laterMs) / 1000;
    utimesSync(path, justNow, justNow);
    expect(await see()).toEqual(['changing', 'granted 3', 'granted 4']);
    laterMs = 1_300;
    expect(await see()).toEqual(['read', 'released 1', 'released 2']);
  });
});

describe('readWhole', () => {
  const read = async (server: 'isc' | 'kea' | 'dnsmasq', meanwhile: (path: string) => void) => {
    count += 1;
    const path = join(folder, `${count}.leases`);
    const writer = writerOf(server, path, Math.floor(Date.now() / 1000));
    writer.grant(1, 1);
    const now = await lookAt(path);
    meanwhile(path);
    return now && (await readWhole(path, dialects[server], now))?.last.size;
  };

  it.each([
    ['isc', (path: string) => appendFileSync(path, 'lease 192.0.2.9 {')],
    ['kea', (path: string) => appendFileSync(path, '192.0.2.9,')],
    ['kea', (path: string) => utimesSync(path, 1, 1)],
    ['dnsmasq', () => {}],
  ] as const)('takes what was only added to: %s', async (server, meanwhile) => {
    expect(await read(server, meanwhile)).toBe(1);
  });

  const replace = (path: string) => {
    copyFileSync(path, `${path}.new`);
    renameSync(`${path}.new`, path);
  };
  it.each([
    ['replaced', 'isc', replace],
    ['replaced', 'kea', replace],
    ['shortened', 'isc', (path: string) => truncateSync(path, 5)],
    ['emptied', 'dnsmasq', (path: string) => truncateSync(path, 0)],
    ['written anew', 'dnsmasq', (path: string) => writeFileSync(path, readFileSync(path))],
    ['taken away', 'kea', (path: string) => rmSync(path)],
  ] as const)('takes nothing that was %s: %s', async (_, server, meanwhile) => {
    expect(await read(server, meanwhile)).toBeUndefined();
  });
});
