import * as v from 'valibot';
import { permissionOf, type Right } from '../../core/rights.ts';
import type { Answer } from './answer.ts';
import { openClient } from './client.ts';
import { type Identity, readIdentity } from './identity.ts';
import type { NetBoxOptions } from './netbox.ts';
import { type Line, readFailure } from './read.ts';
import { decode } from './records.ts';
import { askToWrite, missingRights } from './rights.ts';
import { askStatuses, statusesIn } from './statuses.ts';
import { unwatched } from './vigil.ts';

export type ProbeWish = {
  /** Part of the names of the servers' roles. */
  readonly role: string;
  /** The network that BMC addresses come from; empty: whichever has the role `bmc`. */
  readonly prefix: string;
  readonly rights: readonly Right[];
};

/** What the doctor wants to know of a NetBox; nothing where the token may not see it. */
export type NetBoxReport = {
  readonly url: string;
  readonly identity: Identity;
  /** Nothing where NetBox cannot say (before 4.5). */
  readonly superuser: boolean | undefined;
  /** The permissions that the token lacks, by name. */
  readonly missing: readonly string[];
  /** None to a token that may neither add nor change devices. */
  readonly statuses: readonly string[] | undefined;
  /** Devices with such a role, as NetBox counts them for itself, whichever of them the token may see. */
  readonly servers: number | undefined;
  /** The prefixes that fit, as often as VRFs have them. */
  readonly prefixes: readonly string[] | undefined;
};

/** Connects, looks, disconnects; asks once and does not wait for one that is away. Throws what `openNetBox` throws. */
export type NetBoxProbe = (wish: ProbeWish) => Promise<NetBoxReport>;

export function openNetBoxProbe(options: NetBoxOptions & { readonly helloMs: number }): NetBoxProbe {
  const { url, token, userAgent, signal, helloMs: timeoutMs, connectTimeoutMs = timeoutMs } = options;
  return async wish => {
    const client = openClient({ url, token, timeoutMs, connectTimeoutMs, userAgent, vigil: unwatched });
    try {
      return await look({ client, signal, patienceMs: 0 }, wish);
    } finally {
      await client.close();
    }
  };
}

const paths = { roles: 'dcim/device-roles/', prefixes: 'ipam/prefixes/', users: 'users/users/' } as const;
/** Allowed to whoever writes at all, and what NetBox checks fastest. */
const anyWrite = { op: 'create', kind: 'extras.tag' } as const;

async function look(line: Line, wish: ProbeWish): Promise<NetBoxReport> {
  const { role, prefix, rights } = wish;
  const asked = askAll(line, wish);
  const identity = await readIdentity(line.client, { signal: line.signal });
  const superuser = isSuperuser(identity, await asked.superusers);
  return {
    url: line.client.url,
    identity,
    superuser,
    missing: superuser ? missingToSuperuser(rights, await asked.write) : await missingRights(line, rights),
    statuses: told(line, 'dcim/devices/', await asked.statuses, statusesIn),
    servers: told(line, paths.roles, await asked.roles, body => serversIn(rowsOf(body), role)),
    prefixes: told(line, paths.prefixes, withoutRole(await asked.prefixes), body =>
      rowsOf(body)
        .map(row => String(row.prefix))
        .filter(text => !prefix || text === prefix),
    ),
  };
}

/** All in one round of requests, what takes NetBox longest first: it answers several at a time, and each round would wait for its slowest. */
function askAll(line: Line, { prefix }: ProbeWish) {
  const get = (path: string, query: readonly (readonly [string, string])[]) =>
    line.client.send('GET', path, { query: [...query, ['limit', 1000]], signal: line.signal });
  return {
    prefixes: get(paths.prefixes, [['fields', 'id,prefix'], prefix ? ['prefix', prefix] : ['role', 'bmc']]),
    roles: get(paths.roles, [['fields', 'id,name,parent,device_count']]),
    statuses: askStatuses(line),
    superusers: get(paths.users, [
      ['fields', 'id,username'],
      ['is_superuser', 'true'],
    ]),
    write: askToWrite(line, anyWrite),
  };
}

/** A superuser may do everything, unless the token is for reading only. */
function missingToSuperuser(rights: readonly Right[], write: Answer): string[] {
  return isRefused(write) ? rights.filter(({ op }) => op !== 'read').map(permissionOf) : [];
}

type Row = Readonly<Record<string, unknown>> & { readonly id: number };

function rowsOf(body: unknown): Row[] {
  return ((body as { results?: Row[] } | undefined)?.results ?? []) as Row[];
}

function isRefused(answer: Answer): boolean {
  return answer.kind === 'answered' && (answer.status === 403 || answer.status === 401);
}

/** Nothing where the token may not see it; throws where NetBox says anything else but yes. */
function told<T>(line: Line, path: string, answer: Answer, read: (body: unknown) => T): T | undefined {
  if (isRefused(answer)) return undefined;
  if (answer.kind !== 'answered' || answer.status !== 200) throw readFailure(line, path, answer);
  return read(answer.body);
}

/** The list is a superuser's to see, or that of one who looks after users. */
function isSuperuser({ user }: Identity, answer: Answer): boolean | undefined {
  // Before 4.5 nobody says who the token is.
  if (user === undefined) return undefined;
  if (answer.kind !== 'answered' || answer.status !== 200) return false;
  return rowsOf(answer.body).some(({ username }) => username === user);
}

/** NetBox refuses a filter by a role that does not exist with 400. */
function withoutRole(answer: Answer): Answer {
  const isNoRole = answer.kind === 'answered' && answer.status === 400 && answer.text.includes('"role"');
  return isNoRole ? { ...answer, status: 200, body: { results: [] } } : answer;
}

const countedRole = v.pipe(
  v.object({
    id: v.number(),
    name: v.string(),
    parent: v.nullish(v.object({ id: v.number() })),
    device_count: v.number(),
  }),
  v.transform(row => ({ id: row.id, name: row.name, parentId: row.parent?.id, devices: row.device_count })),
);

/** A role's own count holds those of its child roles from 4.3 on. */
export function serversIn(rows: readonly Row[], role: string): number {
  const roles = decode(countedRole, rows);
  const below = (id: number) => sum(roles.filter(({ parentId }) => parentId === id).map(({ devices }) => devices));
  return sum(roles.filter(({ name }) => name.includes(role)).map(({ id, devices }) => devices - below(id)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
