import { execa } from 'execa';

/*
 * `node scripts/beside.ts NAME…`: runs scripts of package.json side by side and shows what each says when it has ended, those that failed at the end.
 */

const names = process.argv.slice(2);
const failed: string[] = [];
await Promise.all(
  names.map(async name => {
    const ran = await execa(process.execPath, ['--run', name], { all: true, reject: false });
    const words = `> ${name}: ${ran.failed ? 'FAILED' : 'done'} in ${(ran.durationMs / 1000).toFixed(0)} s\n${ran.all}\n`;
    if (ran.failed) failed.push(words);
    else process.stdout.write(words);
  }),
);
process.stdout.write(failed.join(''));
process.exitCode = failed.length > 0 ? 1 : 0;
