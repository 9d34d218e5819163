import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stubText } from '../../src/features/leases/stub.ts';
import { startIsc } from '../../test/support/dhcp/isc.ts';
import { startKea } from '../../test/support/dhcp/kea.ts';
import { type BmcNet, openBmcNet } from '../../test/support/dhcp/net.ts';
import { loadServer } from '../../test/support/dhcp/perfdhcp.ts';
import { program } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import { untilSays } from './site.ts';

const rounds = 3;
const load = { exchanges: 300, perSecond: 30 };

/** What clients notice: the time from REQUEST to ACK, without bmtool and with it, in turns. */
export async function measureDelays(talk: Bench['talk']): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-bench-delays-'));
  chmodSync(folder, 0o755);
  const stub = join(folder, 'dhcp-hook');
  writeFileSync(stub, stubText(join(folder, 'spool')), { mode: 0o755 });
  const cases = {
    'Kea 2.2 and the tap': {
      bare: (net: BmcNet) => withServer(net, () => startKea(net, { leaseSeconds: 600 })),
      ours: (net: BmcNet) => withTap(net, folder, () => withServer(net, () => startKea(net, { leaseSeconds: 600 }))),
    },
    'dhcpd and the stub': {
      bare: (net: BmcNet) => withServer(net, () => startIsc(net, { leaseSeconds: 600, hook: '/bin/true' })),
      ours: (net: BmcNet) => withServer(net, () => startIsc(net, { leaseSeconds: 600, hook: stub })),
    },
  };
  const figures: Figure[] = [];
  for (const [name, { bare, ours }] of Object.entries(cases)) {
    const [without, having]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      without.push(await inNet(bare));
      having.push(await inNet(ours));
    }
    talk(`${name}: ${without.join(', ')} → ${having.join(', ')} ms`);
    figures.push({
      what: `REQUEST → ACK on average, ${load.perSecond} new leases a second: ${name}${name.startsWith('dhcpd') ? ', beside /bin/true as hook' : ''}`,
      measured: `${median(having).toFixed(1)} ms, without ${median(without).toFixed(1)} ms; no drops`,
      goal: 'not delayed',
      met: median(having) - median(without) < 5,
    });
  }
  rmSync(folder, { recursive: true, force: true });
  return figures;
}

async function inNet(run: (net: BmcNet) => Promise<number>): Promise<number> {
  await using net = await openBmcNet({ name: 'delay' });
  // Awaited here: the network goes when this function ends.
  return await run(net);
}

async function withServer(net: BmcNet, start: () => Promise<{ stop(): Promise<void> }>): Promise<number> {
  const server = await start();
  const { requestAck } = await loadServer(net, load);
  await server.stop();
  if (requestAck.drops > 0) throw new Error(`${requestAck.drops} requests were not answered`);
  return requestAck.averageMs ?? Number.NaN;
}

async function withTap(net: BmcNet, folder: string, run: () => Promise<number>): Promise<number> {
  const env = { ...process.env, BMTOOL_STATE_DIR: folder };
  const args = [
    'netns',
    'exec',
    net.server.namespace,
    process.execPath,
    program,
    'dhcp',
    'tap',
    '--interface',
    net.server.device,
  ];
  const tap = spawn('ip', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  await untilSays(tap, /istening/);
  const taken = await run();
  tap.kill('SIGINT');
  await once(tap, 'exit');
  return taken;
}
