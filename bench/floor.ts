import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import type { BenchLab } from './lab.ts';
import { manifest } from './lab.ts';

export type Recipe = {
  readonly macs: number;
  readonly interfaces: number;
  readonly journal: number;
  readonly lanes: number;
};

type Target = { deviceId: number; interfaceId: number; bmc: string; serial: string; mac: string; line: number };

/**
 * The floor of loading a manifest: the same writes that bmtool sends, with the ids known beforehand and the bodies built
 * beforehand, replayed in batches over some lanes. It reads nothing, checks nothing and records nothing.
 *
 * @returns seconds from the first request to the last answer
 */
export async function replayFloor(lab: BenchLab, recipe: Recipe): Promise<number> {
  const targets = await readTargets(lab);
  const agent = new Agent({ connections: recipe.lanes, pipelining: 0 });
  const send = sender(lab, agent);
  const started = performance.now();
  const ids = new Map<number, number>();
  // Three stages of batches; a lane takes the next batch of the deepest stage whose rows are ready.
  const stages: { size: number; ready: Target[]; left: number; send: (rows: Target[]) => Promise<void> }[] = [
    {
      size: recipe.macs,
      ready: [...targets],
      left: targets.length,
      send: async rows => {
        const made = await send<{ id: number }[]>(
          'POST',
          'dcim/mac-addresses/?fields=id,last_updated,mac_address,assigned_object_type,assigned_object_id',
          rows.map(({ mac, interfaceId }) => ({
            mac_address: mac,
            assigned_object_type: 'dcim.interface',
            assigned_object_id: interfaceId,
            changelog_message: 'floor',
          })),
        );
        for (const [i, row] of rows.entries()) ids.set(row.interfaceId, made[i]?.id ?? 0);
      },
    },
    {
      size: recipe.interfaces,
      ready: [],
      left: targets.length,
      send: async rows => {
        await send(
          'PATCH',
          'dcim/interfaces/?fields=id,last_updated,primary_mac_address',
          rows.map(({ interfaceId }) => ({
            id: interfaceId,
            primary_mac_address: ids.get(interfaceId),
            changelog_message: 'floor',
          })),
        );
      },
    },
    {
      size: recipe.journal,
      ready: [],
      left: targets.length,
      send: async rows => {
        await send(
          'POST',
          'extras/journal-entries/?fields=id,last_updated,assigned_object_type,assigned_object_id,kind,comments',
          rows.map(({ deviceId, mac, bmc, line, serial }) => ({
            assigned_object_type: 'dcim.device',
            assigned_object_id: deviceId,
            kind: 'success',
            comments: `BMC MAC address ${mac} set on ${bmc}, from \`servers-601.csv\` line ${line} (serial ${serial}).`,
            changelog_message: 'floor',
          })),
        );
      },
    },
  ];
  let idle: (() => void)[] = [];
  const lane = async () => {
    while (stages.some(stage => stage.left > 0)) {
      const stage = stages
        .toReversed()
        .find(
          candidate => candidate.ready.length > 0 && candidate.ready.length >= Math.min(candidate.size, candidate.left),
        );
      if (stage === undefined) {
        await new Promise<void>(resolve => idle.push(resolve));
        continue;
      }
      const rows = stage.ready.splice(0, Math.min(stage.size, Math.max(10, Math.ceil(stage.left / recipe.lanes))));
      stage.left -= rows.length;
      await stage.send(rows);
      stages[stages.indexOf(stage) + 1]?.ready.push(...rows);
      for (const wake of idle) wake();
      idle = [];
    }
    for (const wake of idle) wake();
  };
  await Promise.all(Array.from({ length: recipe.lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  await agent.destroy();
  return seconds;
}

function sender({ env }: BenchLab, dispatcher: Agent) {
  return async <T>(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<T> => {
    const answer = await request(`${env.NETBOX_URL}/api/${path}`, {
      dispatcher,
      method,
      reset: true,
      headers: { authorization: `Token ${env.NETBOX_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.statusCode >= 300) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
    return (await answer.body.json()) as T;
  };
}

async function readTargets(lab: BenchLab): Promise<Target[]> {
  const rows = readFileSync(manifest, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map(line => line.split(','));
  const bmcs = await lab.sql<Omit<Target, 'mac' | 'line'>>(
    'SELECT d.id::int AS "deviceId", i.id::int AS "interfaceId", i.name AS bmc, d.serial FROM dcim_device d JOIN dcim_interface i ON i.device_id = d.id WHERE i.mgmt_only',
  );
  const bySerial = new Map(bmcs.map(row => [row.serial, row]));
  return rows.flatMap(([serial = '', mac = ''], i) => {
    const found = bySerial.get(serial);
    return found ? [{ ...found, mac, line: i + 2 }] : [];
  });
}
