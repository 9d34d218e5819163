/** What came to a terminal, and when: ms from where its list begins. */
export type Write = { readonly atMs: number; readonly text: string };

/** One command of the story, and what it wrote. */
export type Take = {
  readonly line: string;
  readonly heard: readonly Write[];
  /** A command that takes longer is shown quicker, evenly. */
  readonly mostMs: number;
  /** How long its output is left to be read. */
  readonly holdMs: number;
};

/** What is typed is bold. */
const prompt = '\u001b[34m$\u001b[39m \u001b[1m';
const enter = '\u001b[22m\r\n';
const keyMs = 36;
const beforeEnterMs = 250;
const longWait = { fromMs: 1_500, becomesMs: 1_000 };

/** All takes one after the other in one terminal, with the keys of whoever types: the only thing that is acted. */
export function paceTakes(takes: readonly Take[]): { writes: Write[]; totalMs: number } {
  const writes: Write[] = [{ atMs: 0, text: prompt }];
  let nowMs = 500;
  for (const take of takes) {
    for (const key of take.line) {
      writes.push({ atMs: nowMs, text: key });
      nowMs += keyMs;
    }
    nowMs += beforeEnterMs;
    const heard = quicken(shortenWaits(take.heard), take.mostMs);
    writes.push({ atMs: nowMs, text: enter }, ...heard.map(({ atMs, text }) => ({ atMs: nowMs + atMs, text })));
    nowMs += heard.at(-1)?.atMs ?? 0;
    writes.push({ atMs: nowMs, text: prompt });
    nowMs += take.holdMs;
  }
  return { writes, totalMs: nowMs };
}

/** Waits in which nothing at all was written. */
function shortenWaits(heard: readonly Write[]): Write[] {
  let beforeMs = 0;
  let nowMs = 0;
  return heard.map(({ atMs, text }) => {
    const waitMs = atMs - beforeMs;
    beforeMs = atMs;
    nowMs += waitMs > longWait.fromMs ? longWait.becomesMs : waitMs;
    return { atMs: nowMs, text };
  });
}

/** Waits in which something turns. */
function quicken(heard: readonly Write[], mostMs: number): Write[] {
  const factor = Math.min(1, mostMs / (heard.at(-1)?.atMs || 1));
  return heard.map(({ atMs, text }) => ({ atMs: atMs * factor, text }));
}
