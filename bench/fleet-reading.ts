import { openNetBox } from '../src/adapters/netbox/netbox.ts';
import type { BenchLab } from './lab.ts';
import { median } from './measure.ts';
import type { Bench, Figure } from './report.ts';

const sizes = [601, 2500, 10_000] as const;
const rounds = 5;

/** Everything about the fleet that any command reads: servers, BMC interfaces, MACs, production interfaces with their cables, addresses. */
export async function benchFleetReading({ openLab, talk }: Bench): Promise<Figure[]> {
  const took: { servers: number; seconds: number }[] = [];
  for (const servers of sizes) {
    const lab = await openLab(servers);
    try {
      const seconds = await readFleet(lab);
      talk(`${servers} servers: ${seconds.toFixed(2)} s`);
      took.push({ servers, seconds });
    } finally {
      await lab.down();
    }
  }
  const [smallest] = took;
  const perServer = took.map(({ servers, seconds }) => (seconds * 1000) / servers);
  const growth = (perServer.at(-1) ?? 0) / (perServer[0] ?? 1);
  return [
    {
      what: 'reading all about a fleet of 601',
      measured: `${smallest?.seconds.toFixed(2)} s`,
      goal: 'under 1 s',
      met: (smallest?.seconds ?? 9) < 1,
    },
    {
      what: 'the same for larger fleets',
      measured: took.map(({ servers, seconds }) => `${servers}: ${seconds.toFixed(2)} s`).join(', '),
      goal: `linear (per server, 10,000 against 601: ${growth.toFixed(2)} ×)`,
      met: growth < 1.2,
    },
  ];
}

async function readFleet({ env }: BenchLab): Promise<number> {
  const netbox = await openNetBox({
    url: env.NETBOX_URL ?? '',
    token: env.NETBOX_TOKEN ?? '',
    signal: new AbortController().signal,
    patienceMs: 30_000,
    userAgent: 'bench',
  });
  const roles = (await netbox.list('dcim/device-roles/', { fields: ['name'] }))
    .filter(role => String(role.name).includes('Server'))
    .map(role => role.id);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now();
    await Promise.all([
      netbox.fleet.servers({ role: 'Server' }),
      netbox.fleet.interfacesNamed(['bmc', 'ilo', 'idrac']),
      netbox.list('dcim/interfaces/', {
        fields: ['device', 'name', 'cable'],
        query: [...roles.map(id => ['device_role_id', id] as const), ['mgmt_only', 'false'], ['cabled', 'true']],
      }),
      netbox.list('dcim/mac-addresses/', { fields: ['mac_address', 'assigned_object_id', 'last_updated'] }),
      netbox.list('dcim/cable-terminations/', { fields: ['cable', 'cable_end', 'termination_id'] }),
      netbox.list('ipam/ip-addresses/', { fields: ['address', 'assigned_object_id', 'last_updated'] }),
    ]);
    times.push((performance.now() - started) / 1000);
  }
  await netbox.close();
  return median(times);
}
