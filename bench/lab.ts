import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export const program = new URL('../bin/bmtool.ts', import.meta.url).pathname;
export const manifest = new URL('../fixtures/manifests/servers-601.csv', import.meta.url).pathname;

export type BenchLab = {
  /** Environment that leads any program to the lab. */
  readonly env: Record<string, string>;
  readonly folder: string;
  reset(): Promise<void>;
  sql<T>(query: string): Promise<T[]>;
  down(): Promise<void>;
};

/** A lab of the bench's own, with a fleet of so many servers, on free ports. */
export async function openBenchLab(servers: number): Promise<BenchLab> {
  const folder = await mkdtemp(join(tmpdir(), 'bmtool-bench-'));
  const own = { BMTOOL_STATE_DIR: folder, LAB_PORTS: 'auto' };
  const bmtool = (...args: string[]) => execa('node', [program, ...args], { env: own, stderr: 'pipe' });
  await bmtool('lab', 'up', '--servers', String(servers), '--seed', '1');
  const { result } = JSON.parse((await bmtool('lab', 'env', '--json')).stdout) as { result: Record<string, string> };
  const env = { ...result, ...own };
  return {
    env,
    folder,
    reset: async () => void (await bmtool('lab', 'reset')),
    async sql<T>(query: string) {
      const { Client } = await import('pg');
      const client = new Client({ connectionString: result.DATABASE_URL });
      await client.connect();
      try {
        return (await client.query(query)).rows as T[];
      } finally {
        await client.end();
      }
    },
    async down() {
      await bmtool('lab', 'down', '--purge');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
