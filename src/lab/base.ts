import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { readShipped } from '../shipped/shipped.ts';

/** What the base snapshot that ships with the project says of itself. */
export type BaseSnapshot = {
  readonly format: 1;
  /** The NetBox version whose migrations made the schema. */
  readonly netbox: string;
  readonly servers: number;
  readonly seed: number;
  /** SHA-256 over the three files. */
  readonly hash: string;
};

const files = ['base.json', 'schema.sql.zst', 'fleet.sql.zst'] as const;

export function readBase(): BaseSnapshot {
  const about = JSON.parse(readBaseFile('base.json').toString('utf8')) as Omit<BaseSnapshot, 'hash'>;
  const hash = createHash('sha256');
  for (const file of files) hash.update(readBaseFile(file));
  return { ...about, hash: hash.digest('hex') };
}

/** The empty NetBox database as SQL: 0.6 MB of statements. */
export function readSchema(): string {
  return zstdDecompressSync(readBaseFile('schema.sql.zst')).toString('utf8');
}

/**
 * The SQL of a fleet, in pieces that are sent one after another: read from the snapshot when that is the one wanted, else
 * generated, so only then is the generator loaded.
 */
export async function* readFleet(
  base: BaseSnapshot,
  wanted: { servers: number; seed: number },
): AsyncGenerator<string> {
  if (wanted.servers === base.servers && wanted.seed === base.seed) {
    yield zstdDecompressSync(readBaseFile('fleet.sql.zst')).toString('utf8');
    return;
  }
  const [{ generateFleet }, { fleetSql }] = await Promise.all([
    import('./fleet/generate.ts'),
    import('./fleet/sql.ts'),
  ]);
  yield* fleetSql(generateFleet(wanted));
}

function readBaseFile(name: (typeof files)[number]): Buffer {
  return readShipped(`snapshots/base/${name}`);
}
