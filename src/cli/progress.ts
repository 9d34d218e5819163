import yoctoSpinner from 'yocto-spinner';
import type { Progress, Step } from '../core/progress.ts';
import type { Screen } from './screen.ts';

/** Between two lines of progress when nobody can see a line being redrawn (cron, a pipe, CI). */
const lineEveryMs = 5_000;

/** Draws progress on stderr: one moving line on a terminal, a line now and then elsewhere, nothing with `--quiet`. */
export function openProgress(screen: Screen, now: () => number = Date.now): Progress {
  if (screen.quiet) return { step: () => nothing, note: () => {} };
  const note = (text: string) => void screen.err.write(`${text}\n`);
  return {
    note,
    step: text => (screen.errIsTerminal ? movingStep(text, screen, now) : printedStep(text, screen, now)),
  };
}

const nothing: Step = { at: () => {}, say: () => {}, done: () => {}, fail: () => {} };

function movingStep(text: string, screen: Screen, now: () => number): Step {
  const spinner = yoctoSpinner({
    text,
    stream: screen.err as NodeJS.WriteStream,
    color: 'cyan',
    handleSignals: false,
  }).start();
  const startedMs = now();
  let label = text;
  let far: Far | undefined;
  /** One line, whatever comes behind: the mark before it takes two columns. */
  const fitting = (words: string, behind: string) => {
    const room = screen.columns - 3 - behind.length;
    return words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
  };
  const draw = () => {
    const behind = far ? ` ${farText(far, now() - startedMs)}` : '';
    spinner.text = `${fitting(label, behind)}${behind}`;
  };
  return {
    at(done, total, share) {
      far = { done, total, share };
      draw();
    },
    say(words) {
      label = words;
      draw();
    },
    done: words => {
      const behind = ` ${secondsText(now() - startedMs)}`;
      spinner.success(`${fitting(words ?? label, behind)}${screen.paintErr.dim(behind)}`);
    },
    fail: words => void spinner.error(words ?? label),
  };
}

function printedStep(text: string, screen: Screen, now: () => number): Step {
  const startedMs = now();
  let lastMs = startedMs;
  let label = text;
  const line = (words: string) => void screen.err.write(`${words}\n`);
  line(`${text}…`);
  return {
    at(done, total, share) {
      if (now() - lastMs < lineEveryMs) return;
      lastMs = now();
      line(`${label} ${farText({ done, total, share }, now() - startedMs)}`);
    },
    say(words) {
      if (words !== label) line(`${words}…`);
      label = words;
    },
    done: words => line(`${words ?? label}: done ${secondsText(now() - startedMs)}`),
    fail: words => line(`${words ?? label}: failed`),
  };
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
