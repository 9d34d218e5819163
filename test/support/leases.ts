import { join } from 'node:path';
import { expect } from 'vitest';
import { openSpool } from '../../src/adapters/spool/spool.ts';
import { type Lease, leaseEvent } from '../../src/core/lease.ts';
import { newStateDir } from '../lab/support.ts';
import { bmtool, bmtoolJson, startBmtool } from './bmtool.ts';
import { labEnv } from './lab-env.ts';
import { type Target, targets } from './manifest.ts';
import { api, sql } from './netbox.ts';

/** What `bmtool dhcp worker --json` says of one event. */
export type Worked = {
  rule: string;
  act: string;
  reason: string;
  device?: string;
  journalled: number;
  runId?: string;
  failed?: string;
  event: { id: string; data: Lease };
};

/** A machine with a spool of its own, beside the tests' NetBox. `env` says otherwise, for instance where NetBox is. */
export function openSite(env: Record<string, string> = {}) {
  const stateDir = newStateDir();
  const folder = join(stateDir, 'spool');
  const wish = { env: { ...labEnv(), BMTOOL_STATE_DIR: stateDir, ...env } };
  const spool = openSpool(folder);
  return {
    stateDir,
    folder,
    wish,
    /** Lease events as a hook would append them. */
    see: (...leases: readonly Partial<Lease>[]) => spool.append(leases.map(lease => leaseEvent(leaseOf(lease)))),
    /** Works off what waits. */
    async work(...args: readonly string[]): Promise<Worked[]> {
      const { stdout, stderr, exitCode } = await bmtool(['dhcp', 'worker', '--once', '--json', ...args], wish);
      const all = stdout
        .split('\n')
        .filter(Boolean)
        .map(line => (JSON.parse(line) as { result: Worked }).result);
      expect(exitCode, stderr).toBe(all.some(({ failed }) => failed !== undefined) ? 1 : 0);
      return all;
    },
    start: (...args: readonly string[]) => startBmtool(['dhcp', 'worker', ...args], wish),
    ask: <T>(...args: readonly string[]) => bmtoolJson<T>(args, wish),
    say: (...args: readonly string[]) => bmtool(args, wish),
  };
}

let seconds = 0;

/** A lease, a second after the one before it unless it says when. */
function leaseOf(lease: Partial<Lease>): Lease {
  seconds += 1;
  return {
    time: new Date(Date.UTC(2026, 10, 21, 10, 0, seconds)).toISOString(),
    kind: 'granted',
    mac: '' as Lease['mac'],
    address: '',
    leaseSeconds: 600,
    source: { way: 'hook', server: 'dnsmasq', host: 'dhcp-1' },
    ...lease,
  };
}

export type Bmc = Target & { readonly mac: Lease['mac'] };

/** Servers whose BMCs' MACs NetBox knows. */
export async function bmcs(count: number, from: number): Promise<Bmc[]> {
  const all = (await targets(count, from)) as Bmc[];
  const body = all.map(({ mac, interfaceId }) => ({
    mac_address: mac,
    assigned_object_type: 'dcim.interface',
    assigned_object_id: interfaceId,
  }));
  expect((await api('dcim/mac-addresses/', { method: 'POST', body })).status).toBe(201);
  return all;
}

/** What NetBox's tables have of a server: status, out-of-band address, addresses of the BMC interface, warnings in its journal. */
export async function recordOf({ deviceId }: { deviceId: number }) {
  const [row] = await sql<{ status: string; oob: string | null; addresses: string[]; warnings: string[] }>(
    `SELECT d.status, (SELECT a.address::text FROM ipam_ipaddress a WHERE a.id = d.oob_ip_id) AS oob,
      ARRAY(SELECT a.address::text FROM ipam_ipaddress a JOIN django_content_type t ON t.id = a.assigned_object_type_id
        JOIN dcim_interface i ON i.id = a.assigned_object_id AND t.model = 'interface'
        WHERE i.device_id = d.id AND i.mgmt_only ORDER BY a.address) AS addresses,
      ARRAY(SELECT e.comments FROM extras_journalentry e JOIN django_content_type t ON t.id = e.assigned_object_type_id
        WHERE t.model = 'device' AND e.assigned_object_id = d.id AND e.kind = 'warning' ORDER BY e.id) AS warnings
     FROM dcim_device d WHERE d.id = $1`,
    [deviceId],
  );
  if (row === undefined) throw new Error(`no device ${deviceId}`);
  return row;
}

/** How many objects have an address. */
export async function holdersOf(address: string): Promise<number> {
  const [row] = await sql<{ count: string }>('SELECT count(*) FROM ipam_ipaddress WHERE host(address) = $1', [address]);
  return Number(row?.count);
}
