import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { Failure } from '../src/core/failure.ts';
import type { Progress } from '../src/core/progress.ts';
import { cacheDirOf } from '../src/files/home.ts';
import { lockedNetbox } from '../src/lab/environment.ts';
import { baseFleet, baseFleetSql, firstDifference, makeSchema, type Schema } from '../src/lab/fleet/make-base.ts';
import { findPgDump } from '../src/lab/fleet/pg-dump.ts';
import { openScratch } from '../src/lab/fleet/scratch.ts';

/*
 * npm run lab:base                   makes snapshots/base anew, from NetBox's migrations and the fleet generator
 * npm run lab:base -- --fleet        only the fleet, after a change to src/lab/fleet: no services, at once
 * npm run lab:base -- --check        makes everything anew and compares it with what ships
 * npm run lab:base -- --check-fleet  compares only the fleet: no services, at once
 */

const folder = join(import.meta.dirname, '..', 'snapshots', 'base');
const { values: wanted } = parseArgs({
  options: { check: { type: 'boolean' }, 'check-fleet': { type: 'boolean' }, fleet: { type: 'boolean' } },
});
const say = (text: string) => void process.stderr.write(`${text}\n`);
const progress: Progress = {
  note: say,
  step(text) {
    say(`${text}…`);
    return {
      at: () => {},
      say: words => say(`  ${words}`),
      lane: () => {},
      done: words => say(`  ${words ?? 'done'}`),
      fail: () => {},
    };
  },
};

try {
  if (wanted['check-fleet']) check({ 'fleet.sql.zst': baseFleetSql() });
  else if (wanted.fleet) save('fleet.sql.zst', baseFleetSql());
  else await makeAll();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  say([error.message, error.next].filter(Boolean).join('\n'));
  process.exitCode = error.exit;
}

async function makeAll(): Promise<void> {
  const schema = await makeSchemaInScratch();
  const about = { format: 1, netbox: lockedNetbox(), ...baseFleet, migrations: schema.migrations };
  const files = {
    'schema.sql.zst': schema.sql,
    'fleet.sql.zst': baseFleetSql(),
    'base.json': `${JSON.stringify(about, null, 2)}\n`,
  };
  if (wanted.check) return check(files);
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) save(name, text);
}

async function makeSchemaInScratch(): Promise<Schema> {
  const { env } = process;
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
  const opening = { env, cacheDir: cacheDirOf(env), progress, signal: stop.signal };
  const pgDump = await findPgDump(opening);
  await using scratch = await openScratch(opening);
  const step = progress.step('Running the migrations of NetBox, some minutes');
  const schema = await makeSchema(scratch, { pgDump, signal: stop.signal });
  step.done();
  return schema;
}

function save(name: string, text: string): void {
  const bytes = name.endsWith('.zst')
    ? zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: 19 } })
    : Buffer.from(text);
  writeFileSync(join(folder, name), bytes);
  say(`${name}: ${bytes.length} bytes (${text.length} characters)`);
}

/** Compares texts: compressed bytes may differ from one zstd to the next. */
function check(files: Record<string, string>): void {
  for (const [name, made] of Object.entries(files)) {
    const bytes = readFileSync(join(folder, name));
    const shipped = (name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes).toString('utf8');
    const difference = firstDifference({ made, shipped });
    if (difference !== undefined) {
      throw new Failure('base-snapshot-stale', `snapshots/base/${name} is not what is made today: ${difference}`, {
        next: 'When the change is wanted, run `npm run lab:base` (or `npm run lab:base -- --fleet` for the fleet alone).',
      });
    }
    say(`${name} is as made`);
  }
}
