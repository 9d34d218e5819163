import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSpool } from '../../src/adapters/spool/spool.ts';
import { type FleetLease, leaseEvent } from '../../src/core/lease.ts';
import { type BenchLab, program } from '../lab.ts';

/** A machine with a spool of its own, beside a bench's NetBox. */
export function openBenchSite(lab: BenchLab) {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-bench-leases-'));
  const env: Record<string, string> = { ...lab.env, BMTOOL_STATE_DIR: folder, BMTOOL_SPOOL_DIR: join(folder, 'spool') };
  const spool = openSpool(join(folder, 'spool'));
  return {
    folder,
    env,
    spool: join(folder, 'spool'),
    append(leases: readonly Pick<FleetLease, 'mac' | 'address'>[], time = new Date().toISOString()) {
      spool.append(
        leases.map(({ mac, address }) =>
          leaseEvent({
            time,
            kind: 'granted',
            mac,
            address,
            leaseSeconds: 600,
            source: { way: 'replay', host: 'bench' },
          }),
        ),
      );
    },
    /** Comes back when the worker waits for events. */
    async startWorker() {
      const child = spawn(process.execPath, [program, 'dhcp', 'worker'], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      await untilSays(child, /Waiting for lease events/);
      return {
        async stop() {
          child.kill('SIGINT');
          await once(child, 'exit');
        },
      };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function untilSays(child: ChildProcess, marker: RegExp): Promise<void> {
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', chunk => {
      said += chunk;
      if (marker.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
}

/** Asks again and again until NetBox has so many devices of a status. */
export async function untilPlanned(lab: BenchLab, count: number): Promise<void> {
  for (;;) {
    const [row] = await lab.sql<{ count: string }>(
      `SELECT count(*) FROM dcim_device WHERE status = 'planned' AND oob_ip_id IS NOT NULL`,
    );
    if (Number(row?.count) >= count) return;
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
