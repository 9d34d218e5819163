import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FleetLease } from '../../src/core/lease.ts';
import { startDnsmasq } from '../../test/support/dhcp/dnsmasq.ts';
import { openBmcNet } from '../../test/support/dhcp/net.ts';
import { openUdhcpcBmc } from '../../test/support/dhcp/udhcpc.ts';
import { type BenchLab, program } from '../lab.ts';
import { median } from '../measure.ts';
import type { Bench, Figure } from '../report.ts';
import { openBenchSite, untilPlanned, untilSays } from './site.ts';

const rounds = 10;

type Moments = { readonly begun: number; readonly made: number; readonly updated: number };

/** From the ACK on the wire, heard by the tap, to the device in NetBox: one BMC at a time, nothing else going on. */
export async function measureOneLease(
  lab: BenchLab,
  leases: readonly FleetLease[],
  talk: Bench['talk'],
): Promise<Figure[]> {
  const site = openBenchSite(lab);
  await using net = await openBmcNet({ name: 'bench' });
  await startDnsmasq(net, { leaseSeconds: 600 });
  const tap = spawn(
    'ip',
    ['netns', 'exec', net.server.namespace, process.execPath, program, 'dhcp', 'tap', '--interface', net.server.device],
    {
      env: { ...process.env, ...site.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  await untilSays(tap, /istening/);
  const worker = await site.startWorker();
  const taken: Moments[] = [];
  for (const [i, { mac }] of leases.slice(0, rounds).entries()) {
    await lab.quiet();
    const client = await openUdhcpcBmc(net, { mac: mac.toLowerCase() });
    await client.boot();
    await untilPlanned(lab, i + 1);
    taken.push(await momentsOf(lab, site.env, mac));
    await client.powerOff();
  }
  tap.kill('SIGINT');
  await once(tap, 'exit');
  await worker.stop();
  site.remove();
  await lab.back('phase_0');
  const part = (of: (moments: Moments) => number) => `${median(taken.map(of)).toFixed(0)} ms`;
  const whole = taken.map(({ updated }) => updated / 1000);
  talk(`one lease: ${whole.map(seconds => seconds.toFixed(2)).join(', ')} s`);
  return [
    {
      what: 'ACK on the wire → device updated in NetBox: tap, one BMC at a time, idle lab',
      measured: `${median(whole).toFixed(2)} s (${Math.min(...whole).toFixed(2)} to ${Math.max(...whole).toFixed(2)}); of it tap, spool, reading and deciding ${part(({ begun }) => begun)}, the address made ${part(({ begun, made }) => made - begun)}, the device updated ${part(({ made, updated }) => updated - made)}`,
      goal: 'under 1 s',
      met: median(whole) < 1,
    },
  ];
}

/** Milliseconds after the ACK, all by this machine's clock: the run's beginning, and when NetBox wrote address and device. */
async function momentsOf(lab: BenchLab, env: Record<string, string>, mac: string): Promise<Moments> {
  const { execa } = await import('execa');
  const { stdout } = await execa(process.execPath, [program, 'why', mac, '--json'], { env });
  const { result } = JSON.parse(stdout) as {
    result: { device: { id: number }; decided: { lease: { time: string }; runId: string }[] };
  };
  const [decided] = result.decided;
  const shown = await execa(process.execPath, [program, 'runs', 'show', decided?.runId ?? '', '--json'], { env });
  const run = (JSON.parse(shown.stdout) as { result: { startedAt?: string; header?: { startedAt: string } } }).result;
  const [row] = await lab.sql<{ made: Date; updated: Date }>(
    `SELECT a.created AS made, d.last_updated AS updated FROM dcim_device d JOIN ipam_ipaddress a ON a.id = d.oob_ip_id WHERE d.id = ${result.device.id}`,
  );
  const ack = Date.parse(decided?.lease.time ?? '');
  const after = (time: Date | string | undefined) => new Date(time ?? Number.NaN).getTime() - ack;
  return { begun: after(run.startedAt ?? run.header?.startedAt), made: after(row?.made), updated: after(row?.updated) };
}
