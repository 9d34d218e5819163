import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Capture, openCapture } from '../../../src/adapters/capture/capture.ts';
import { inboxName } from '../../../src/adapters/spool/append.ts';
import { openSpool } from '../../../src/adapters/spool/spool.ts';
import { withoutPaint } from '../../../src/cli/screen.ts';
import type { View } from '../../../src/cli/view.ts';
import { Failure } from '../../../src/core/failure.ts';
import { tap } from '../../../src/features/leases/tap.ts';
import { joinBytes, pcapFile } from './files.ts';
import { ack, packetsOf, type Recording, recording, recordingPath } from './packets.ts';

let folder: string;
let stop: AbortController;
let capture: Capture;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bmtool-tap-'));
  stop = new AbortController();
  capture = openCapture({ host: 'here', path: '', interrupt: stop.signal });
});
afterEach(async () => {
  await capture.close();
  rmSync(folder, { recursive: true, force: true });
});

type Result = Parameters<typeof tap.text>[0];
const plain = (text: string) => text;
const paint = { good: plain, warn: plain, bad: plain, dim: plain, bold: plain };
const view = (terminal: boolean): View => ({ paint, verbose: false, terminal });

function put(bytes: Uint8Array): string {
  const path = join(folder, 'a.pcap');
  writeFileSync(path, bytes);
  return path;
}

const spooled = () => {
  const inbox = join(folder, 'spool', inboxName);
  return existsSync(inbox) ? readFileSync(inbox, 'utf8').split('\n').filter(Boolean) : [];
};

async function* replay(path: string, { dryRun = false } = {}): AsyncGenerator<Result> {
  const values = { interface: undefined, replay: path, dryRun };
  const source = (await tap.prepare?.(values, {} as never)) as { file: string };
  const spool = openSpool(join(folder, 'spool'));
  yield* tap.run(values, { capture, spool, interrupt: stop.signal }, source) as AsyncIterable<Result>;
}

const isEvent = (result: Result) => 'event' in result;
const endOf = (results: readonly Result[]) => results.at(-1) as Extract<Result, { end: object }>;

async function refusal(attempt: Promise<unknown>): Promise<Failure> {
  const error = await attempt.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

describe('a recording', () => {
  it('each event is in the spool before it is shown', async () => {
    let shown = 0;
    for await (const result of replay(recordingPath('kea-dora'))) {
      if (!isEvent(result)) continue;
      shown += 1;
      expect(spooled()).toHaveLength(shown);
      expect(JSON.parse(spooled().at(-1) ?? '')).toEqual(tap.json?.(result));
    }
    expect(shown).toBe(7);
  });
  it('a dry run puts nothing there', async () => {
    const results = await Array.fromAsync(replay(recordingPath('kea-dora'), { dryRun: true }));
    expect(results.filter(isEvent)).toHaveLength(7);
    expect(existsSync(join(folder, 'spool'))).toBe(false);
    expect(endOf(results).end.spool).toBeUndefined();
  });
  it('what it tells ends with counts', async () => {
    const results = await Array.fromAsync(replay(recordingPath('synthetic-edge-cases')));
    const { end } = endOf(results);
    expect(end).toMatchObject({ packets: 29, dhcp: 26, truncated: 1, notUnderstood: 3, events: 10, repeated: 8 });
    expect(tap.text({ end }, view(true))).toEqual([
      {
        block: 'say',
        text: `29 packets, 26 of DHCP (1 truncated, 3 not understood, 8 repeated): 10 events, put into the spool ${join(folder, 'spool')}.`,
      },
    ]);
    expect(tap.exit?.({ end })).toBe(0);
  });
  it('one that ends within a packet is told as far as it goes', async () => {
    const results = await Array.fromAsync(replay(put(recording('isc-dora-renew-release').subarray(0, -1))));
    expect(results.filter(isEvent)).toHaveLength(2);
    expect(endOf(results).end.endsMidway).toBe(true);
    expect(tap.exit?.(endOf(results))).toBe(0);
  });
  it('one that is damaged is told as far as it goes, and has failed', async () => {
    const results = await Array.fromAsync(
      replay(put(joinBytes(recording('isc-dora-dhclient'), new Uint8Array(16).fill(0xff)))),
    );
    expect(results.filter(isEvent)).toHaveLength(1);
    expect(endOf(results).end.damage?.at).toBe(1456);
    expect(tap.exit?.(endOf(results))).toBe(1);
  });
  it('interrupting leaves the rest unread, and says so', async () => {
    const packets = packetsOf(Array.from({ length: 5000 }, (_, i) => ({ type: ack, yiaddr: '10.0.0.9', xid: i })));
    const path = put(pcapFile(packets, { order: 'little', nano: false, link: 1 }));
    const results: Result[] = [];
    for await (const result of replay(path, { dryRun: true })) {
      results.push(result);
      stop.abort();
    }
    expect(results.length).toBeLessThan(5000);
    expect(endOf(results).end.interrupted).toBe(true);
    expect(tap.exit?.(endOf(results))).toBe(130);
  });
});

describe('what is no recording is refused before anything is told', () => {
  it.each([
    ['an empty file', new Uint8Array(0), /is empty$/],
    ['text', Buffer.from('server_serial,server_bmc_mac\n'), /cannot be read: it is no capture$/],
    ['a compressed one', Uint8Array.of(0x1f, 0x8b, 8, 0, 0), /it is no capture$/],
    ['the first bytes of one', recording('kea-dora').subarray(0, 23), /it is no capture$/],
    ['another link layer', recording('kea-dora').with(20, 127), /its packets are of link type 127$/],
  ])('%s', async (_, bytes, what) => {
    const failure = await refusal(Array.fromAsync(replay(put(bytes))));
    expect(failure.message).toMatch(what);
    expect(failure).toMatchObject({ exit: 2, next: expect.stringContaining('pcapng') });
    expect(spooled()).toEqual([]);
  });
  it.each([
    ['/does/not/exist.pcap', /does not exist$/],
    [tmpdir(), /is a directory$/],
  ])('%s', async (path, what) => {
    const failure = await refusal(Array.fromAsync(replay(path)));
    expect(failure.message).toMatch(what);
    expect(failure.exit).toBe(2);
  });
});

describe('what is typed', () => {
  it.each([
    [undefined, undefined],
    ['ens3', 'a.pcap'],
  ])('exactly one of --interface and --replay, not %s and %s', async (name, file) => {
    const values = { interface: name, replay: file, dryRun: false };
    const failure = await refusal(Promise.resolve().then(() => tap.prepare?.(values, {} as never)));
    expect(failure.exit).toBe(2);
  });
});

describe('how an event is shown', () => {
  const lineOf = async (name: Recording) => {
    const results = await Array.fromAsync(replay(recordingPath(name), { dryRun: true }));
    return results.filter(isEvent)[0] as Result;
  };
  it('is a row, a cell for each thing that is known, on a terminal and to a program', async () => {
    const result = await lineOf('isc-dora-dhclient');
    const cells = [
      '2026-11-20T23:51:28.871Z',
      'granted',
      '94:40:C9:01:02:0A',
      '192.0.2.100',
      'ILOMXQ1111111',
      'CPQRIB3',
    ];
    for (const isTerminal of [true, false]) {
      const [block] = tap.text(result, view(isTerminal));
      const texts = block?.block === 'row' ? block.cells.map(cell => (typeof cell === 'string' ? cell : cell[0])) : [];
      expect(texts.map(withoutPaint)).toEqual(cells);
    }
  });
});
