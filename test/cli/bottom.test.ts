import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { openBottom } from '../../src/cli/bottom.ts';
import { openTerminal, openTicks } from '../support/terminal.ts';

const hidden = '\u001b[?25l';
const shown = '\u001b[?25h';

function openAll(columns = 80, rows = 24, isRigid = false) {
  const terminal = openTerminal(columns, rows, { isRigid });
  const ticks = openTicks();
  const killed: unknown[] = [];
  const ways = Object.assign(new EventEmitter(), { pid: 7, kill: (...how: unknown[]) => killed.push(how) > 0 });
  const bottom = openBottom(terminal.stream, { every: ticks.every, ways: ways as never, isRigid });
  return { ...terminal, ...ticks, tick: ticks.tick, isRunning: () => ticks.running > 0, ways, killed, bottom };
}

test('lines stand below what was there, change, and leave one in their stead', async () => {
  const { stream, bottom, look, tick, isRunning } = openAll();
  stream.write('$ bmtool load-macs\n');
  let lines = ['step 1/3', '  lane a', '  lane b'];
  const end = bottom.add(() => lines);
  expect(await look()).toEqual(['$ bmtool load-macs', ...lines]);
  lines = ['step 2/3', '  lane a', '  longer lane b'];
  tick();
  expect(await look()).toEqual(['$ bmtool load-macs', ...lines]);
  lines = ['step 3/3', '  c'];
  tick();
  expect(await look()).toEqual(['$ bmtool load-macs', ...lines]);
  end('done');
  stream.write('next\n');
  expect(await look()).toEqual(['$ bmtool load-macs', 'done', 'next']);
  expect(isRunning()).toBe(false);
});

test('several steps have their lines one below the other, whichever ends first', async () => {
  const { bottom, look, tick } = openAll();
  const first = bottom.add(() => ['first', '  lane']);
  const second = bottom.add(() => ['second']);
  tick();
  expect(await look()).toEqual(['first', '  lane', 'second']);
  first('first is done');
  expect(await look()).toEqual(['first is done', 'second']);
  bottom.note('a note\nof two lines');
  expect(await look()).toEqual(['first is done', 'a note', 'of two lines', 'second']);
  second('second is done');
  expect(await look()).toEqual(['first is done', 'a note', 'of two lines', 'second is done']);
});

test('a frame is one write, and none where nothing has changed', () => {
  const { bottom, writes, tick } = openAll();
  let far = 0;
  const end = bottom.add(() => [`step ${far}`, '  lane', '  other']);
  tick(5);
  expect(writes).toHaveLength(1);
  far = 1;
  tick(5);
  expect(writes).toHaveLength(2);
  // What has not changed is not written again.
  expect(writes[1]).not.toContain('lane');
  bottom.note('note');
  end('done');
  expect(writes).toHaveLength(4);
});

describe('the cursor is hidden while lines stand there, and shown on every way out', () => {
  const cursor = (writes: readonly string[]) =>
    writes.join('').lastIndexOf(hidden) > writes.join('').lastIndexOf(shown) ? 'hidden' : 'shown';

  test.each<[string, (all: ReturnType<typeof openAll>, end: (last: string) => void) => void]>([
    ['the end', (_, end) => end('done')],
    ['what nobody thought of', ({ bottom }) => bottom.close()],
    ['the end of the process', ({ ways }) => ways.emit('exit', 130)],
    ['an exception that nobody catches', ({ ways }) => ways.emit('uncaughtExceptionMonitor', new Error('x'))],
  ])('%s', async (_, leave) => {
    const all = openAll();
    const end = all.bottom.add(() => ['step', '  lane']);
    expect(cursor(all.writes)).toBe('hidden');
    leave(all, end);
    expect(cursor(all.writes)).toBe('shown');
    expect((await all.look()).join()).not.toContain('lane');
    expect(all.isRunning()).toBe(false);
    expect(all.ways.eventNames()).toEqual([]);
    expect(all.stream.eventNames()).toEqual([]);
  });

  test('Ctrl-Z: the shell has it, and the next frame takes it again', async () => {
    const { bottom, ways, killed, writes, look, tick } = openAll();
    bottom.add(() => ['step']);
    ways.emit('SIGTSTP');
    expect(killed).toEqual([[7, 'SIGSTOP']]);
    expect(writes[1]).toContain(shown);
    await Promise.resolve();
    tick();
    expect(cursor(writes)).toBe('hidden');
    expect(await look()).toEqual(['step']);
  });
});

test('what somebody else writes meanwhile stands above', async () => {
  const { bottom, stream, look, tick } = openAll();
  bottom.add(() => ['step', '  lane']);
  await bottom.aside(async () => {
    stream.write('a table\n');
    tick();
    bottom.note('a note');
    stream.write('of two rows\n');
  });
  expect(await look()).toEqual(['a table', 'a note', 'of two rows', 'step', '  lane']);
});

test('never more rows than the terminal has: the last lines give way', async () => {
  const { bottom, look, tick } = openAll(80, 4);
  let far = 0;
  bottom.add(() => [`step ${far}`, ...'abcdef']);
  for (far = 1; far < 4; far += 1) tick();
  expect(await look()).toEqual(['step 3', 'a', 'b']);
});

test.each([
  { columns: 40, rows: 24 },
  { columns: 20, rows: 24 },
  { columns: 120, rows: 24 },
  { columns: 80, rows: 6 },
  { columns: 30, rows: 12 },
  { columns: 30, rows: 12, isRigid: true },
])('made $columns x $rows, no rubbish is left (rigid: $isRigid)', async ({ isRigid = false, ...size }) => {
  const { bottom, stream, look, tick, resize } = openAll(80, 24, isRigid);
  stream.write('before\n');
  let far = 0;
  const end = bottom.add(columns => [`step ${far}`.padEnd(columns, '.'), '  lane'.padEnd(columns, ','), '  b']);
  tick();
  await resize(size);
  far = 1;
  tick();
  const width = size.columns - 1;
  expect(await look()).toEqual(['before', 'step 1'.padEnd(width, '.'), '  lane'.padEnd(width, ','), '  b']);
  end('done');
  expect(await look()).toEqual(['before', 'done']);
});

test('whatever happens in whatever order: notes and ends above in their order, then the lines that are open', async () => {
  const line = fc.string({ unit: 'grapheme-ascii', maxLength: 30 }).map(text => `x${text.trimEnd()}`);
  const act = fc.oneof(
    fc.record({ add: fc.array(line, { minLength: 1, maxLength: 4 }) }),
    fc.record({ end: fc.nat(5), last: line }),
    fc.record({ change: fc.nat(5), to: fc.array(line, { minLength: 1, maxLength: 4 }) }),
    fc.record({ note: line }),
    fc.constant({ tick: true }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 30 }), async acts => {
      const { bottom, look, tick, writes } = openAll(40, 12);
      const open: { lines: string[]; end: (last: string) => void }[] = [];
      const above: string[] = [];
      for (const one of acts) {
        if ('add' in one) {
          const step = { lines: one.add, end: (_: string) => {} };
          step.end = bottom.add(() => step.lines);
          open.push(step);
        } else if ('end' in one && open.length > 0) {
          const [step] = open.splice(one.end % open.length, 1);
          step?.end(one.last);
          above.push(one.last);
        } else if ('change' in one && open.length > 0) {
          const step = open[one.change % open.length];
          if (step) step.lines = one.to;
        } else if ('note' in one) {
          bottom.note(one.note);
          above.push(one.note);
        } else tick();
      }
      tick();
      const below = open.flatMap(({ lines }) => lines).slice(0, 11);
      expect(await look()).toEqual([...above, ...below]);
      for (const text of writes) for (const row of text.split('\n')) expect(stringWidth(row)).toBeLessThan(40);
    }),
    { numRuns: 60 },
  );
});
