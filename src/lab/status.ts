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
  readonly service: ServiceName;
  /** `crashed`: it was started, nobody stopped it, and it is gone. */
  readonly state: 'running' | 'stopped' | 'crashed';
  readonly pid?: number;
  readonly port?: number;
  readonly version?: string;
  /** All its processes; memory that they share is counted once. */
  readonly memoryBytes?: number;
  readonly uptimeMs?: number;
  readonly log?: string;
  /** The last lines of a crashed service. */
  readonly lastLines?: readonly string[];
};

export type LabStatus = {
  /** `partly`: some services run and some do not; `lab up` puts that right. */
  readonly state: 'running' | 'partly' | 'stopped' | 'absent';
  readonly dir: string;
  readonly url?: string;
  readonly netbox?: string;
  readonly fleet?: Pick<DatabaseRecord, 'servers' | 'seed'>;
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
