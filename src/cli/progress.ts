import { type Progress, type Step, silent } from '../core/progress.ts';
import type { Bottom } from './bottom.ts';
import { cut } from './cut.ts';
import { plain, plainPainted, type Screen } from './screen.ts';
import { spoken } from './spoken.ts';
import { folded } from './view.ts';

/** Between two lines of progress when nobody can see a line being redrawn (cron, a pipe, CI). */
const lineEveryMs = 5_000;
/** The same where each line is read aloud. */
const spokenEveryMs = 15_000;

/** Draws progress on stderr: lines that move on a terminal, a line now and then elsewhere, nothing with `--quiet`. */
export function openProgress(screen: Screen, now: () => number = Date.now): Progress {
  if (screen.quiet) return silent;
  const { bottom } = screen;
  if (bottom === undefined)
    return { note: text => writeLine(screen, text), step: text => printedStep(text, screen, now) };
  return {
    note: text => bottom.note(folded(plainPainted(text), screen.columns)),
    step: text => movingStep(text, screen, bottom, now),
  };
}

const turning = {
  everywhere: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
  // Its fonts have 512 signs, and these are none of them.
  linuxConsole: ['-', '\\', '|', '/'],
} as const;

/** A step's line, and one line below it for each of its lanes. One line stays when it is over. */
function movingStep(text: string, screen: Screen, bottom: Bottom, now: () => number): Step {
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
      const fitting = cut(oneLine(words), screen.columns - 4 - seconds.length);
      end(`${screen.paintErr.good('✓')} ${fitting} ${screen.paintErr.dim(seconds)}`);
    },
    fail: (words = label) => end(`${screen.paintErr.bad('✗')} ${cut(oneLine(words), screen.columns - 3)}`),
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

function oneLine(text: string): string {
  return plain(text).replaceAll(/[\t\n]/g, ' ');
}

function printedStep(text: string, screen: Screen, now: () => number): Step {
  const everyMs = screen.plain ? spokenEveryMs : lineEveryMs;
  const startedMs = now();
  let lastMs = startedMs;
  let label = text;
  const line = (words: string) => writeLine(screen, words);
  line(`${text}…`);
  return {
    at(done, total, share) {
      if (now() - lastMs < everyMs) return;
      lastMs = now();
      line(`${label} ${farText({ done, total, share }, now() - startedMs)}`);
    },
    say(words) {
      if (words !== label) line(`${words}…`);
      label = words;
    },
    lane() {},
    done: words => line(`${words ?? label}: done ${secondsText(now() - startedMs)}`),
    fail: words => line(`${words ?? label}: failed`),
  };
}

function writeLine(screen: Screen, text: string): void {
  const clean = plainPainted(text);
  screen.err.write(`${screen.plain ? spoken(clean) : clean}\n`);
}

/** How far a step is: things done of so many, and the share of the work (0 to 1) where that is known better. */
type Far = { readonly done: number; readonly total: number | undefined; readonly share?: number | undefined };

/** `340/601 24/s, 11 s left` */
export function farText(far: Far, elapsedMs: number): string {
  const rate = elapsedMs > 500 ? far.done / (elapsedMs / 1000) : 0;
  const rateText = rate > 0 ? ` ${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)}/s` : '';
  if (far.total === undefined) return `${far.done}${rateText}`;
  const share = far.share ?? far.done / far.total;
  const left = rate > 0 && share < 1 && share > 0.02 ? `, ${leftText((elapsedMs / 1000) * (1 / share - 1))} left` : '';
  return `${far.done}/${far.total}${rateText}${left}`;
}

/** `11 s`, from three minutes on `4 min`. */
function leftText(seconds: number): string {
  return seconds < 180 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

function secondsText(ms: number): string {
  return `(${(ms / 1000).toFixed(1)} s)`;
}
