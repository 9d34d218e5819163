import { describe, expect, it } from 'vitest';
import { parseRun, type RunHeader } from '../../../src/adapters/runs/run.ts';
import { create, keysOf, update } from '../../core/changes.ts';

const header: RunHeader = {
  format: 1,
  id: '20261121-071233-k3f',
  command: 'load-macs servers.csv',
  target: { netbox: 'http://localhost:8000', version: '4.7.3' },
  startedAt: '2026-11-21T07:12:33.000Z',
  user: 'root',
  process: { host: 'h', pid: 1, startTime: '1' },
};

const lines = (...values: unknown[]) => values.map(value => `${JSON.stringify(value)}\n`).join('');

const whole = lines(
  header,
  { change: create('a') },
  { change: update('b', { needs: ['a'] }) },
  { planned: 2 },
  { sent: ['a'] },
  { result: { key: 'a', state: 'done', id: 7 } },
  { sent: ['b'] },
  { result: { key: 'b', state: 'failed', reason: 'no' } },
  { end: 'finished', at: '2026-11-21T07:12:40.000Z' },
);

describe('parseRun', () => {
  it('puts a run together', () => {
    const run = parseRun(whole);
    expect(run?.header).toEqual(header);
    expect(keysOf(run?.changes ?? [])).toEqual(['a', 'b']);
    expect(run?.results.get('a')).toEqual({ key: 'a', state: 'done', id: 7 });
    expect(run?.results.get('b')?.state).toBe('failed');
    expect([...(run?.sent ?? [])]).toEqual(['a', 'b']);
    expect([run?.ended, run?.endedAt]).toEqual(['finished', '2026-11-21T07:12:40.000Z']);
  });

  it.each([
    { of: 'nothing sent', parts: [], hasEffect: false },
    {
      of: 'all refused',
      parts: [{ sent: ['a'] }, { result: { key: 'a', state: 'failed', reason: 'no' } }],
      hasEffect: false,
    },
    { of: 'one done', parts: [{ sent: ['a'] }, { result: { key: 'a', state: 'done', id: 7 } }], hasEffect: true },
    { of: 'an answer that never came', parts: [{ sent: ['a'] }], hasEffect: true },
    { of: 'a queue that was begun', parts: [{ queue: 'begun' }], hasEffect: true },
  ])('has an effect by what is known of it: $of', ({ parts, hasEffect }) => {
    expect(parseRun(lines(header, { change: create('a') }, { planned: 1 }, ...parts))?.hasEffect).toBe(hasEffect);
  });

  it('loses only the line that was torn, wherever the process was killed', () => {
    const complete = whole.split('\n').slice(0, -1);
    for (let at = 0; at < whole.length; at++) {
      const torn = whole.slice(0, at);
      const linesLeft = torn.split('\n').length - 1 + (complete.includes(torn.split('\n').at(-1) ?? '') ? 1 : 0);
      const run = parseRun(torn);
      if (linesLeft === 0) {
        expect(run).toBeUndefined();
        continue;
      }
      expect(run?.changes).toHaveLength(Math.min(2, Math.max(0, linesLeft - 1)));
      expect(run?.results.size).toBe(linesLeft >= 8 ? 2 : linesLeft >= 6 ? 1 : 0);
      expect(run?.ended).toBe(linesLeft >= 9 ? 'finished' : undefined);
    }
  });

  it.each([
    ['nothing', ''],
    ['a newer format', lines({ ...header, format: 2 })],
    ['no header', lines({ change: create('a') })],
    ['somebody else’s file', 'hello\n'],
    ['JSON that is no object', '5\nnull\n'],
  ])('does not take %s for a run', (_, text) => {
    expect(parseRun(text)).toBeUndefined();
  });

  it('minds no line that it does not know', () => {
    const run = parseRun(lines(header, null, 5, 'text', [1], { later: 'kind of line' }, { change: create('a') }));
    expect(keysOf(run?.changes ?? [])).toEqual(['a']);
  });
});
