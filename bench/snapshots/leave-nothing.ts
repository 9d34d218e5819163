/** What a benchmark that is cut short has to take away: servers that outlive it, mounts, folders. The last first. */
const leftovers: (() => void)[] = [];
let listening = false;

/** Registers what to do on Ctrl-C, and gives how to take that back. Only what is done at once counts: nothing is waited for. */
export function onCut(act: () => void): () => void {
  if (!listening) for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, cleanUp);
  listening = true;
  leftovers.push(act);
  return () => void leftovers.splice(leftovers.indexOf(act), 1);
}

function cleanUp(): void {
  for (const act of leftovers.toReversed()) {
    try {
      act();
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
    }
  }
  process.exit(130);
}
