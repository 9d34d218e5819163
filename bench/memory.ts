import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { program } from './lab.ts';
import { measure } from './measure.ts';
import type { Bench, Figure } from './report.ts';

/** A million rows, each with another serial and a MAC that is none. */
function* invalidRows(): Generator<string> {
  yield 'server_serial,server_bmc_mac\n';
  for (let i = 0; i < 1_000_000; i += 1) yield `SN${String(i).padStart(7, '0')},not-a-mac-${i}\n`;
}

export async function benchMemory({ openLab, talk }: Bench): Promise<Figure[]> {
  const lab = await openLab(601);
  try {
    const path = join(lab.folder, 'million.csv');
    await pipeline(Readable.from(invalidRows()), createWriteStream(path));
    const run = await measure('node', [program, 'load-macs', path, '--report', join(lab.folder, 'report.csv')], {
      env: lab.env,
    });
    talk(run.stderr.split('\n').at(-2) ?? '');
    if (run.exitCode !== 1) throw new Error(run.stderr);
    return [
      {
        what: 'a manifest of 1,000,000 invalid rows, with a report',
        measured: `${run.peakMb.toFixed(0)} MB resident, ${run.seconds.toFixed(1)} s`,
        goal: 'under 250 MB',
        met: run.peakMb < 250,
      },
    ];
  } finally {
    await lab.down();
  }
}
