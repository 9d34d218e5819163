import { describe, expect, it } from 'vitest';
import { openBottom } from '../../src/cli/bottom.ts';
import { farText, openProgress } from '../../src/cli/progress.ts';
import { openTerminal, openTicks } from '../support/terminal.ts';
import { captureScreen } from './screens.ts';

it.each([
  [{ done: 0, total: 601 }, 0, '0/601'],
  [{ done: 10, total: 601 }, 100, '10/601'],
  [{ done: 340, total: 601 }, 14_000, '340/601 24/s, 11 s left'],
  [{ done: 3, total: 601 }, 2_000, '3/601 1.5/s'],
  [{ done: 15, total: 601 }, 10_000, '15/601 1.5/s, 7 min left'],
  // The cheap half is done: time left goes by the work, not by the count.
  [{ done: 300, total: 600, share: 0.25 }, 10_000, '300/600 30/s, 30 s left'],
  [{ done: 601, total: 601 }, 10_000, '601/601 60/s'],
  [{ done: 10_000, total: undefined }, 2_000, '10000 5000/s'],
  [{ done: 0, total: undefined }, 2_000, '0'],
])('%j after %i ms: %s', (far, elapsedMs, text) => {
  expect(farText(far, elapsedMs)).toBe(text);
});

describe('where nobody sees a line being redrawn', () => {
  it('is a line at the start, one every five seconds, and one at the end', async () => {
    let nowMs = 0;
    const { screen, err, out } = captureScreen({ terminal: false });
    const step = (await openProgress(screen, () => nowMs)).step('reading');
    for (nowMs = 0; nowMs <= 11_000; nowMs += 100) step.at(nowMs / 100, 200);
    step.done('read');
    expect(err()).toBe(
      'reading…\nreading 50/200 10/s, 15 s left\nreading 100/200 10/s, 10 s left\nread: done (11.1 s)\n',
    );
    expect(out()).toBe('');
  });

  it('says new words once, and that it failed', async () => {
    const { screen, err } = captureScreen({ terminal: false });
    const step = (await openProgress(screen, () => 0)).step('starting');
    step.say('waiting');
    step.say('waiting');
    step.fail();
    expect(err()).toBe('starting…\nwaiting…\nwaiting: failed\n');
  });

  it('is nothing when told to be quiet', async () => {
    const { screen, err } = captureScreen({ terminal: false }, { quiet: true });
    const progress = await openProgress(screen, () => 0);
    progress.step('x').done();
    progress.note('y');
    expect(err()).toBe('');
  });
});

describe('for a screen reader', () => {
  it('is words alone, and every quarter of a minute', async () => {
    let nowMs = 0;
    const { screen, err } = captureScreen({ terminal: true }, { plain: true });
    const progress = await openProgress(screen, () => nowMs);
    const step = progress.step('reading a → b');
    step.lane(0, 'create 50 MAC addresses');
    for (nowMs = 0; nowMs <= 20_000; nowMs += 100) step.at(nowMs / 100, 400);
    progress.note('! look');
    step.done();
    expect(err()).toBe(
      'reading a to b...\nreading a to b 150/400 10/s, 25 s left\nwarning: look\nreading a to b: done (20.1 s)\n',
    );
  });
});

describe('on a terminal', () => {
  async function openMoving(columns = 80, env: NodeJS.ProcessEnv = {}) {
    const terminal = openTerminal(columns, 24);
    const ticks = openTicks();
    const { screen } = captureScreen({ terminal: true, columns }, { color: false }, env);
    const bottom = openBottom(terminal.stream, { every: ticks.every });
    const drawn = { ...screen, openBottom: async () => bottom };
    const at = { nowMs: 0 };
    return { ...terminal, tick: ticks.tick, at, progress: await openProgress(drawn, () => at.nowMs) };
  }

  it('is a line for the step and one for each lane, and one when it is over', async () => {
    const { progress, at, tick, look } = await openMoving();
    const step = progress.step('run x');
    step.lane(0, 'create 50 MAC addresses');
    step.lane(2, 'create 51 MAC addresses');
    at.nowMs = 14_000;
    step.at(340, 601);
    step.lane(2, 'update 50 interfaces');
    at.nowMs = 15_000;
    tick();
    expect(await look()).toEqual([
      '⠙ run x 340/601 23/s, 12 s left',
      '    create 50 MAC addresses  15 s',
      '    idle',
      '    update 50 interfaces  1 s',
    ]);
    step.lane(2, undefined);
    tick();
    expect(await look()).toHaveLength(2);
    at.nowMs = 16_000;
    step.done('run x');
    expect(await look()).toEqual(['✓ run x (16.0 s)']);
  });

  it('fits, whatever it is called, and does not obey what it is called', async () => {
    const { progress, tick, look } = await openMoving(40);
    const steps = ['服务器'.repeat(30), 'word '.repeat(30), 'a\nb', '\u001b[2Jx'].map(text => progress.step(text));
    for (const step of steps) {
      step.at(1, 2);
      step.lane(0, 'update '.repeat(20));
    }
    tick();
    const rows = await look();
    expect(rows).toHaveLength(8);
    expect(rows[0]).toMatch(/^⠙ (服务器)+服?务?… 1\/2$/);
    expect(rows[4]).toBe('⠙ a b 1/2');
    expect(rows[6]).toBe('⠙ ?[2Jx 1/2');
    for (const step of steps.slice(2)) step.fail();
    expect((await look()).slice(0, 2)).toEqual(['✗ a b', '✗ ?[2Jx']);
  });

  it('is not cut when it is over, and what was lasting is behind it', async () => {
    const { progress, look } = await openMoving(40);
    progress.step('x').done('run 20261121-071233-k3f: update 601 devices, create 601 journal entries');
    progress.step('x').fail('Put it back: bmtool snapshot restore before');
    expect(await look()).toEqual([
      '✓ run 20261121-071233-k3f: update 601',
      '  devices, create 601 journal entries',
      '  (0.0 s)',
      '✗ Put it back:',
      '  bmtool snapshot restore before',
    ]);
  });

  it('turns with signs that the Linux console has', async () => {
    const { progress, look } = await openMoving(80, { TERM: 'linux' });
    progress.step('step');
    expect(await look()).toEqual(['- step']);
  });

  it('is lines where the terminal is dumb', async () => {
    const { screen, err } = captureScreen({ terminal: true }, {}, { TERM: 'dumb' });
    (await openProgress(screen, () => 0)).step('step').done();
    expect(err()).toBe('step…\nstep: done (0.0 s)\n');
  });
});
