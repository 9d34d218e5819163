import type { LabContext } from './context.ts';
import { familyOf, isAlive, memoryOf, sessionMembers, uptimeOf } from './identity.ts';
import { tailOf } from './log-files.ts';
import { labSettings } from './running.ts';
import {
  type DatabaseRecord,
  type LabState,
  readState,
  type ServiceName,
  type ServiceRecord,
  serviceNames,
} from './state.ts';

export type ServiceStatus = {
  /** The service. */
  readonly service: ServiceName;
  /** `crashed`: it was started, nobody stopped it, and it is gone. */
  readonly state: 'running' | 'stopped' | 'crashed';
  /** Its first process. */
  readonly pid?: number;
  /** Where it listens, on loopback; the worker does not. */
  readonly port?: number;
  /** The version of its program. */
  readonly version?: string;
  /** All its processes; memory that they share is counted once. */
  readonly memoryBytes?: number;
  /** Since when it runs. */
  readonly uptimeMs?: number;
  /** The file that it writes its log to. */
  readonly log?: string;
  /** The last lines of a crashed service. */
  readonly lastLines?: readonly string[];
};

/** How the lab is. */
export type LabStatus = {
  /** `partly`: some services run and some do not; `lab up` puts that right. */
  readonly state: 'running' | 'partly' | 'stopped' | 'absent';
  /** The lab's folder. */
  readonly dir: string;
  /** Where NetBox is. */
  readonly url?: string;
  /** The version of NetBox that the database is of. */
  readonly netbox?: string;
  /** The servers in the database. */
  readonly fleet?: Pick<DatabaseRecord, 'servers' | 'seed'>;
  /** Each service of the lab. */
  readonly services: readonly ServiceStatus[];
};

/** Looks at what is written about the lab and at its processes; asks no service anything. */
export function readStatus(lab: Pick<LabContext, 'places'>): LabStatus {
  const { stateDir, dir } = lab.places;
  const state = readState(stateDir);
  if (state === undefined) {
    return { state: 'absent', dir, services: serviceNames.map(service => ({ service, state: 'stopped' })) };
  }
  const services = serviceNames.map(service => statusOf(service, state));
  const url = labSettings(state)?.NETBOX_URL;
  return {
    state: overall(services),
    dir,
    ...(url && { url }),
    ...(state.database && {
      netbox: state.database.netbox,
      fleet: { servers: state.database.servers, seed: state.database.seed },
    }),
    services,
  };
}

function overall(services: readonly ServiceStatus[]): LabStatus['state'] {
  if (services.every(({ state }) => state === 'running')) return 'running';
  return services.every(({ state }) => state === 'stopped') ? 'stopped' : 'partly';
}

function statusOf(service: ServiceName, state: LabState): ServiceStatus {
  const record = state.services[service];
  if (record === undefined) return { service, state: 'stopped' };
  const { pid, port, version, log } = record;
  const known = { service, pid, version, log, ...(port !== undefined && { port }) };
  if (!isAlive(record)) return { ...known, state: 'crashed', lastLines: tailOf(log, 10) };
  return {
    ...known,
    state: 'running',
    memoryBytes: memoryOf(processesOf(service, record, state)),
    uptimeMs: uptimeOf(record),
  };
}

/** NetBox's worker is forked from NetBox; each is counted by itself. */
function processesOf(service: ServiceName, record: ServiceRecord, state: LabState): number[] {
  if (service !== 'netbox') return familyOf(record.pid);
  const worker = state.services.worker;
  const others = new Set(worker === undefined ? [] : familyOf(worker.pid));
  return sessionMembers(record).filter(pid => !others.has(pid));
}
