import { Agent, request } from 'undici';
import { type Change, type ChangeKey, withoutRefs } from '../src/core/change.ts';
import { depths } from '../src/core/plan.ts';
import type { BenchLab } from './lab.ts';

/** How changes are packed: rows in a request, by verb and kind, and requests at a time. */
export type Recipe = { readonly lanes: number; readonly batch: (change: Change) => number };

const methods = { create: 'POST', update: 'PATCH', delete: 'DELETE' } as const;
const paths: Readonly<Record<Change['kind'], string>> = {
  'dcim.device': 'dcim/devices/',
  'dcim.interface': 'dcim/interfaces/',
  'dcim.macaddress': 'dcim/mac-addresses/',
  'dcim.cable': 'dcim/cables/',
  'ipam.ipaddress': 'ipam/ip-addresses/',
  'extras.journalentry': 'extras/journal-entries/',
  'extras.tag': 'extras/tags/',
};

type Stage = {
  readonly depth: number;
  readonly alone: boolean;
  readonly ready: Change[];
  left: number;
  inFlight: number;
};

/**
 * The floor of a plan: its writes with everything known beforehand, replayed in batches over some lanes. It reads nothing, guards
 * nothing, checks nothing and records nothing.
 *
 * @returns seconds from the first request to the last answer
 */
export async function replay(lab: BenchLab, changes: readonly Change[], recipe: Recipe): Promise<number> {
  const agent = new Agent({ connections: recipe.lanes, pipelining: 0 });
  const ids = new Map<ChangeKey, number>();
  const { stages, settle } = openStages(changes);
  let idle: (() => void)[] = [];
  let inFlight = 0;
  const take = (): Change[] | undefined => {
    const order = [...stages.values()]
      .sort((a, b) => Number(b.alone) - Number(a.alone) || b.depth - a.depth)
      .filter(({ ready, alone, inFlight: own }) => ready.length > 0 && !(alone && own > 0));
    const sizeOf = ({ ready }: Stage) => recipe.batch(ready[0] as Change);
    const full = order.find(stage => stage.ready.length >= Math.min(sizeOf(stage), stage.left));
    const stage = full ?? (inFlight === 0 ? order[0] : undefined);
    if (stage === undefined) return undefined;
    const left = [...stages.values()].reduce((sum, one) => sum + one.left, 0);
    const most = left / recipe.lanes >= sizeOf(stage) ? sizeOf(stage) : Math.ceil(stage.ready.length / recipe.lanes);
    const rows = stage.ready.splice(0, Math.min(sizeOf(stage), Math.max(5, most)));
    stage.left -= rows.length;
    stage.inFlight += rows.length;
    return rows;
  };
  const lane = async () => {
    while ([...stages.values()].some(({ left }) => left > 0)) {
      const rows = take();
      if (rows === undefined) {
        await new Promise<void>(resolve => idle.push(resolve));
        continue;
      }
      inFlight += 1;
      await send(lab, agent, rows, ids);
      inFlight -= 1;
      settle(rows);
      for (const wake of idle) wake();
      idle = [];
    }
    for (const wake of idle) wake();
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: recipe.lanes }, lane));
  const seconds = (performance.now() - started) / 1000;
  await agent.destroy();
  return seconds;
}

function openStages(changes: readonly Change[]) {
  const deep = depths(changes);
  const stages = new Map<string, Stage>();
  const stageOf = (change: Change) => {
    const depth = deep.get(change.key) ?? 0;
    const name = `${depth} ${change.op} ${change.kind}`;
    // NetBox makes addresses one request after another: a second one at a time would only keep a worker waiting.
    const alone = change.kind === 'ipam.ipaddress' && change.op === 'create';
    const stage = stages.get(name) ?? { depth, alone, ready: [], left: 0, inFlight: 0 };
    stages.set(name, stage);
    return stage;
  };
  const waiting = new Map(changes.map(change => [change.key, change.needs?.length ?? 0]));
  const dependants = new Map<ChangeKey, Change[]>();
  for (const change of changes) {
    const stage = stageOf(change);
    stage.left += 1;
    if (!change.needs?.length) stage.ready.push(change);
    for (const need of change.needs ?? []) dependants.set(need, [...(dependants.get(need) ?? []), change]);
  }
  const settle = (rows: readonly Change[]) => {
    for (const row of rows) stageOf(row).inFlight -= 1;
    for (const dependant of rows.flatMap(({ key }) => dependants.get(key) ?? [])) {
      const left = (waiting.get(dependant.key) ?? 1) - 1;
      waiting.set(dependant.key, left);
      if (left === 0) stageOf(dependant).ready.push(dependant);
    }
  };
  return { stages, settle };
}

async function send(
  lab: BenchLab,
  dispatcher: Agent,
  rows: readonly Change[],
  ids: Map<ChangeKey, number>,
): Promise<void> {
  const [first] = rows as readonly [Change];
  const fields = [...new Set(rows.flatMap(row => (row.op === 'delete' ? [] : Object.keys(row.after))))];
  const query = first.op === 'delete' ? '' : `?fields=${['id', 'last_updated', ...fields].join(',')}`;
  const body = rows.map(row => ({
    ...(row.op === 'create' ? {} : { id: row.id }),
    ...(row.op === 'delete' ? {} : withoutRefs(row.after, key => ids.get(key) ?? 0)),
    changelog_message: 'floor',
  }));
  const answer = await request(`${lab.env.NETBOX_URL}/api/${paths[first.kind]}${query}`, {
    dispatcher,
    method: methods[first.op],
    reset: true,
    headers: { authorization: `Token ${lab.env.NETBOX_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  // Rolled back by PostgreSQL: sent again, as anybody would.
  if (answer.statusCode === 500 && text.includes('deadlock')) return send(lab, dispatcher, rows, ids);
  if (answer.statusCode >= 300) throw new Error(`${answer.statusCode}: ${text.slice(0, 500)}`);
  if (first.op !== 'create') return;
  const made = JSON.parse(text) as { id: number }[];
  for (const [i, row] of rows.entries()) ids.set(row.key, made[i]?.id ?? 0);
}
