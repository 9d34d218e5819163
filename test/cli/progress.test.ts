import { describe, expect, it } from 'vitest';
import { farText, openProgress } from '../../src/cli/progress.ts';
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
  it('is a line at the start, one every five seconds, and one at the end', () => {
    let nowMs = 0;
    const { screen, err, out } = captureScreen({ terminal: false });
    const step = openProgress(screen, () => nowMs).step('reading');
    for (nowMs = 0; nowMs <= 11_000; nowMs += 100) step.at(nowMs / 100, 200);
    step.done('read');
    expect(err()).toBe(
      'reading…\nreading 50/200 10/s, 15 s left\nreading 100/200 10/s, 10 s left\nread: done (11.1 s)\n',
    );
    expect(out()).toBe('');
  });

  it('says new words once, and that it failed', () => {
    const { screen, err } = captureScreen({ terminal: false });
    const step = openProgress(screen, () => 0).step('starting');
    step.say('waiting');
    step.say('waiting');
    step.fail();
    expect(err()).toBe('starting…\nwaiting…\nwaiting: failed\n');
  });

  it('is nothing when told to be quiet', () => {
    const { screen, err } = captureScreen({ terminal: false }, { quiet: true });
    const progress = openProgress(screen, () => 0);
    progress.step('x').done();
    progress.note('y');
    expect(err()).toBe('');
  });
});
