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
  let far: { done: number; total: number | undefined } | undefined;
  const draw = () => {
    const line = far ? `${label} ${farText(far, now() - startedMs)}` : label;
    spinner.text = line.length > screen.columns - 3 ? `${line.slice(0, screen.columns - 4)}…` : line;
  };
  return {
    at(done, total) {
      far = { done, total };
      draw();
    },
    say(words) {
      label = words;
      draw();
    },
    done: words => void spinner.success(`${words ?? label} ${screen.paintErr.dim(secondsText(now() - startedMs))}`),
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
    at(done, total) {
      if (now() - lastMs < lineEveryMs) return;
      lastMs = now();
      line(`${label} ${farText({ done, total }, now() - startedMs)}`);
    },
    say(words) {
      if (words !== label) line(`${words}…`);
      label = words;
    },
    done: words => line(`${words ?? label}: done ${secondsText(now() - startedMs)}`),
    fail: words => line(`${words ?? label}: failed`),
  };
}

/** `340/601 24/s, 11 s left` */
export function farText(far: { done: number; total: number | undefined }, elapsedMs: number): string {
  const rate = elapsedMs > 500 ? far.done / (elapsedMs / 1000) : 0;
  const rateText = rate > 0 ? ` ${rate >= 10 ? rate.toFixed(0) : rate.toFixed(1)}/s` : '';
  if (far.total === undefined) return `${far.done}${rateText}`;
  const left =
    rate > 0 && far.done < far.total && far.done > far.total / 50
      ? `, ${Math.ceil((far.total - far.done) / rate)} s left`
      : '';
  return `${far.done}/${far.total}${rateText}${left}`;
}

function secondsText(ms: number): string {
  return `(${(ms / 1000).toFixed(1)} s)`;
}
