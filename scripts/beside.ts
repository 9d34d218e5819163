import { setPriority } from 'node:os';
import { execa } from 'execa';

/*
 * `node scripts/beside.ts NAME… LONGEST`: runs scripts of package.json side by side. The last is seen as it goes, and the others are kept to the time that it
 * leaves; what they say is shown when they have ended, of those that failed at the end.
 */

const names = process.argv.slice(2);
const failed: string[] = [];
await Promise.all(
  names.map(async name => {
    const isLongest = name === names.at(-1);
    const running = execa(process.execPath, ['--run', name], {
      all: true,
      reject: false,
      ...(isLongest && { stdout: ['pipe', 'inherit'], stderr: ['pipe', 'inherit'] }),
    });
    if (!isLongest && running.pid !== undefined) setPriority(running.pid, 10);
    const ran = await running;
    const title = `> ${name}: ${ran.failed ? 'FAILED' : 'done'} in ${(ran.durationMs / 1000).toFixed(0)} s\n`;
    const words = isLongest ? title : `${title}${ran.all}\n`;
    process.stdout.write(ran.failed ? title : words);
    if (ran.failed) failed.push(words);
  }),
);
process.stdout.write(failed.join(''));
process.exitCode = failed.length > 0 ? 1 : 0;
