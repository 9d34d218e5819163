import { readFileSync } from 'node:fs';
import { Failure } from '../core/failure.ts';

/** Refuses machines on which the lab cannot run, before anything is fetched. */
export function checkPlatform(): void {
  const { platform, arch } = process;
  const next = 'Run the lab on Linux with glibc (x64 or arm64); bmtool itself works from here against any NetBox.';
  if (platform !== 'linux')
    throw new Failure('lab-unsupported', `The lab runs on Linux only, not on ${platform}.`, { next });
  if (arch !== 'x64' && arch !== 'arm64')
    throw new Failure('lab-unsupported', `The lab runs on x64 and arm64 only, not on ${arch}.`, { next });
  // process.report knows it, too, but takes 100 ms to say so.
  if (readFileSync('/proc/self/maps', 'utf8').includes('/ld-musl-')) {
    throw new Failure(
      'lab-unsupported',
      'The lab needs glibc: the PostgreSQL and the Python packages it fetches are built for it.',
      { next },
    );
  }
}
