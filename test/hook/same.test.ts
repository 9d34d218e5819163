import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendRecord, callLine, mostInboxBytes } from '../../src/adapters/spool/append.ts';
import type { HookCall } from '../../src/adapters/spool/record.ts';
import { boundedCall, isUseless, mostOfCall, variablesOf } from '../../src/features/leases/calls/caller.ts';
import { readingText, recordedCalls } from '../support/hook-calls.ts';
import { someOf, tries } from '../support/tries.ts';
import {
  binary,
  callOf,
  callsIn,
  commit,
  has,
  makePlace,
  plain,
  recordsIn,
  runPlain,
  runRaw,
  shells,
  stubUnder,
} from './support.ts';

const hooks = [
  ...shells.map(shell => [`the stub under ${shell.join(' ')}`, stubUnder(shell)] as const),
  ['the binary', binary] as const,
];

/** A stub is a shell; the binary starts Node for each. */
const calls = (name: string) => (name === 'the binary' ? someOf(recordedCalls()) : recordedCalls());

describe.each(hooks)('%s', (name, hook) => {
  it.each(calls(name).map(call => [call.name, call] as const))(
    'keeps %s as it was made',
    { concurrent: true },
    async (_, call) => {
      const place = makePlace();
      const before = Date.now();
      expect(await runRaw(hook(place), call, place.folder)).toEqual({ code: 0, stdout: '', stderr: '' });
      const [kept] = await callsIn(place.inbox, 1);
      const after = Date.now();
      if (kept === undefined) throw new Error('nothing was kept');
      expect(plain(kept)).toEqual(plain(boundedCall(call)));
      // /proc/uptime tells hundredths of a second.
      expect(kept.at).toBeGreaterThanOrEqual(before - 20);
      expect(kept.at).toBeLessThanOrEqual(after + 20);
      expect(readingText({ ...kept, at: call.at }, 0)).toBe(readingText(call, 0));
    },
  );

  it('keeps any bytes', async () => {
    const place = makePlace();
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anyCall, async call => {
        await runRaw(hook(place), call, place.folder);
        count += isUseless(call) ? 0 : 1;
        const kept = (await callsIn(place.inbox, count)).at(-1);
        if (kept && !isUseless(call)) expect(plain(kept)).toEqual(plain(boundedCall({ ...call, from: undefined })));
      }),
      { numRuns: tries(name === 'the binary' ? 15 : 80) },
    );
  });

  it('keeps each byte', async () => {
    const place = makePlace();
    const all = Uint8Array.from({ length: 255 }, (_, i) => i + 1);
    const call = { args: [Buffer.from('add'), all], env: new Map([['DNSMASQ_CIRCUIT_ID', all]]) };
    await runRaw(hook(place), call, place.folder);
    const [kept] = await callsIn(place.inbox, 1);
    expect(kept && plain(kept)).toEqual(plain(boundedCall({ ...call, from: undefined, at: undefined })));
    expect(kept?.args[1]).toHaveLength(255);
  });

  it('keeps no secret, and nothing of what is no lease', async () => {
    const place = makePlace();
    const secret = new Map([['NETBOX_TOKEN', Buffer.from('secret')]]);
    for (const word of ['init', 'tftp', 'arp-add', 'lease6_renew', 'leases6_committed'])
      await runRaw(hook(place), { args: [Buffer.from(word), Buffer.from('x')], env: secret }, place.folder);
    await runRaw(hook(place), { args: commit, env: secret }, place.folder);
    await callsIn(place.inbox, 1);
    expect(Buffer.concat(recordsIn(place.inbox)).toString()).not.toMatch(/secret|NETBOX/);
  });

  it('keeps within its bounds what is long and much', async () => {
    const place = makePlace();
    const long = (length: number) => Buffer.alloc(length, 'x');
    const calls = [
      { args: [verb, long(mostOfCall.valueBytes), long(mostOfCall.valueBytes + 1), long(100_000)] },
      { args: [verb, ...Array.from({ length: 40 }, (_, i) => Buffer.from(String(i)))] },
      { args: [verb, long(1000), long(1000), long(1000), long(1000), long(800), long(3)] },
      {
        args: [
          verb,
          ...Array.from({ length: 3 }, () => long(1000)),
          ...Array.from({ length: 5 }, () => long(1025)),
          long(875),
        ],
      },
      { args: [Buffer.from('add'), Buffer.alloc(1000, '\\'), Buffer.alloc(1000, '\n'), Buffer.alloc(1000, '\t')] },
      // 1200 bytes, 600 characters where characters are counted.
      { args: [verb, Buffer.from('é'.repeat(600))] },
    ].map(
      ({ args }): HookCall => ({ from: undefined, args, env: new Map([['LC_ALL', Buffer.from('C.UTF-8')]]), at: 0 }),
    );
    for (const [i, call] of calls.entries()) {
      await runRaw(hook(place), call, place.folder);
      const kept = (await callsIn(place.inbox, i + 1)).at(-1);
      expect(kept && plain(kept)).toEqual(plain(boundedCall(call)));
    }
    expect(Math.max(...recordsIn(place.inbox).map(line => line.length))).toBeLessThanOrEqual(4094);
  });
});

const verb = Buffer.from('commit');
const bytes = fc.uint8Array({ maxLength: 60, min: 1 });
const specials = fc
  .array(fc.constantFrom(...'\\\t\n\'"$`*?[]!~ \x7f\x81\x88ÿ'), { maxLength: 20 })
  .map(list => Buffer.from(list.join(''), 'latin1'));
const value = fc.oneof(bytes, specials);
const word = fc
  .oneof(fc.constantFrom('commit', 'add', 'leases4_committed', 'tftp'), fc.constantFrom('x', '', 'commit\n', '*'))
  .map(text => Buffer.from(text));
const anyCall: fc.Arbitrary<HookCall> = fc.record({
  from: fc.constant(undefined),
  args: fc.tuple(word, fc.array(value, { maxLength: 12 })).map(([first, others]) => [first, ...others]),
  env: fc
    .array(
      fc.tuple(fc.constantFrom('SECRET', 'IFS', 'PPID', 'fields', ...variablesOf.kea, ...variablesOf.dnsmasq), value),
      { maxLength: 12 },
    )
    .map(pairs => new Map(pairs)),
  at: fc.constant(undefined),
});

describe('a call’s line', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(anyCall, fc.integer({ min: 0, max: 4_000_000_000_000 }), (call, at) => {
        const line = callLine({ ...call, at });
        expect(line.includes(10)).toBe(false);
        const kept = callOf(line);
        expect(plain(kept)).toEqual(plain(call));
        expect(kept.at).toBe(at);
      }),
    );
  });
});

describe.skipIf(!has('strace'))(has('strace') ? 'one write' : 'one write (left out: no strace)', () => {
  it.each(hooks)('is what %s makes of the longest call', async (_, hook) => {
    const place = makePlace();
    const trace = `${place.folder}/trace`;
    // As much as fits: the dhcpd of a client that filled every option.
    const args = [
      verb,
      Buffer.alloc(1024, 'a'),
      Buffer.alloc(1024, 'b'),
      Buffer.alloc(1024, 'c'),
      Buffer.alloc(700, 'd'),
    ];
    await runRaw(
      ['strace', '-f', '-s', '16', '-e', 'trace=write', '-o', trace, ...hook(place).map(absolute)],
      { args },
      place.folder,
    );
    const [kept] = await callsIn(place.inbox, 1);
    expect(kept?.args.map(arg => arg.length)).toEqual([6, 1024, 1024, 1024, 700]);
    const writes = readFileSync(trace, 'utf8').match(/write\(\d+, "(\\n)?(call1|aaa|bbb|ccc|ddd).*/g);
    // The line break before it bash writes by itself: its stdout is by lines.
    expect(writes).toEqual([expect.stringMatching(/"(\\n)?call1.* = [34]\d{3}$/)]);
  });
});

function absolute(word: string): string {
  return ['dash', 'busybox', 'bash'].includes(word) ? `/usr/bin/${word}` : word;
}

it('is bounded in stub and binary by the same size', async () => {
  const { stub, spool } = makePlace();
  const { stdout } = await runPlain(['sed', '-n', 's/.*ulimit -f \\([0-9]*\\).*/\\1/p', stub]);
  expect(Number(stdout) * 512).toBe(mostInboxBytes);
  appendRecord(spool, Buffer.from('{}'));
});
