import { type Progress, type Step, silent } from '../core/progress.ts';
import { plainPainted, type Screen } from './screen.ts';
import { spoken } from './spoken.ts';
import { folded } from './view.ts';

/** Between two lines of progress when nobody can see a line being redrawn (cron, a pipe, CI). */
const lineEveryMs = 5_000;
/** The same where each line is read aloud. */
const spokenEveryMs = 15_000;

/** Draws progress on stderr: lines that move on a terminal, a line now and then elsewhere, nothing with `--quiet`. */
export async function openProgress(screen: Screen, now: () => number = Date.now): Promise<Progress> {
  if (screen.quiet) return silent;
  const bottom = await screen.openBottom();
  if (bottom === undefined)
    return { note: text => writeLine(screen, text), step: text => printedStep(text, screen, now) };
  const { movingStep } = await import('./moving-step.ts');
  return {
    note: text => bottom.note(folded(plainPainted(text), screen.columns)),
    step: text => movingStep(text, screen, bottom, now),
  };
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
export type Far = { readonly done: number; readonly total: number | undefined; readonly share?: number | undefined };

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

export function secondsText(ms: number): string {
  return `(${(ms / 1000).toFixed(1)} s)`;
}
