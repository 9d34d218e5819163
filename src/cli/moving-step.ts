import type { Step } from '../core/progress.ts';
import type { Bottom } from './bottom.ts';
import { cut } from './cut.ts';
import { type Far, farText, secondsText } from './progress.ts';
import { plain, type Screen } from './screen.ts';
import { wrapped } from './wrap.ts';

const turning = {
  everywhere: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  // Its fonts have 512 signs, and these are none of them.
  linuxConsole: ['-', '\\', '|', '/'],
} as const;

/** A step's line, and one line below it for each of its lanes. What stays when it is over is not cut. */
export function movingStep(text: string, screen: Screen, bottom: Bottom, now: () => number): Step {
  const startedMs = now();
  const lanes: (Lane | undefined)[] = [];
  const signs = turning[screen.isLinuxConsole ? 'linuxConsole' : 'everywhere'];
  let label = text;
  let far: Far | undefined;
  const end = bottom.add((columns, frame) => [
    lineOf(signs[frame % signs.length] ?? '', label, far ? farText(far, now() - startedMs) : '', columns),
    ...Array.from(lanes, lane => screen.paintErr.dim(laneText(lane, columns, now()))),
  ]);
  return {
    at(done, total, share) {
      far = { done, total, share };
    },
    say(words) {
      label = words;
    },
    lane(index, words) {
      lanes[index] = words === undefined ? undefined : { text: words, sinceMs: now() };
      // Idle lanes between busy ones keep their place, so that no line jumps; those behind all of them are gone.
      lanes.length = 1 + lanes.findLastIndex(lane => lane !== undefined);
    },
    done(words = label) {
      const seconds = secondsText(now() - startedMs);
      end(lastLine(screen.paintErr.good('✓'), `${oneLine(words)} ${screen.paintErr.dim(seconds)}`, screen));
    },
    fail: (words = label) => end(lastLine(screen.paintErr.bad('✗'), oneLine(words), screen)),
  };
}

/** What a lane is at, and since when, in milliseconds since 1970. */
type Lane = { readonly text: string; readonly sinceMs: number };

/** `    update 50 interfaces  3 s` */
function laneText(lane: Lane | undefined, columns: number, nowMs: number): string {
  const seconds = lane && Math.floor((nowMs - lane.sinceMs) / 1000);
  return lineOf('   ', lane?.text ?? 'idle', seconds ? ` ${seconds} s` : '', columns);
}

/** Of the words as many as leave room for what is behind them. */
function lineOf(mark: string, words: string, behind: string, columns: number): string {
  const last = behind && ` ${behind}`;
  return cut(`${mark} ${cut(oneLine(words), columns - mark.length - 1 - last.length)}${last}`, columns);
}

/** What stays is whole: in more lines than one where it has to be. */
function lastLine(mark: string, words: string, screen: Screen): string {
  return wrapped(`${mark} ${words}`, screen.columns - 1, 2);
}

function oneLine(text: string): string {
  return plain(text).replaceAll(/[\t\n]/g, ' ');
}
