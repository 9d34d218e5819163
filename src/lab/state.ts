import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ProcessIdentity } from './identity.ts';

export const serviceNames = ['postgres', 'redis', 'netbox', 'worker'] as const;
export type ServiceName = (typeof serviceNames)[number];

/** A service that the lab started, from its start until `lab down`; whether it still runs is asked of the kernel. */
export type ServiceRecord = ProcessIdentity & {
  /** Loopback TCP port; the worker has none. */
  readonly port?: number;
  readonly version: string;
  readonly log: string;
};

export type Ports = { readonly netbox: number; readonly redis: number; readonly postgres: number };

/** What is in the lab's database. Written when the template is complete, so its absence means: make it. */
export type DatabaseRecord = {
  /** How many. */
  readonly servers: number;
  /** What their serials and MACs were made from. */
  readonly seed: number;
  /** SHA-256 over the base snapshot that it was made from. */
  readonly base: string;
  /** The NetBox version whose schema it has. */
  readonly netbox: string;
};

/** The one file that a lab is known by: `lab/lab.json` in the state directory, mode 0600 for the secrets in it. */
export type LabState = {
  readonly format: 1;
  readonly secrets: { readonly secretKey: string; readonly pepper: string; readonly postgresPassword: string };
  readonly ports?: Ports;
  readonly database?: DatabaseRecord;
  /** The Python environment that NetBox runs from. */
  readonly environment?: string;
  readonly services: { readonly [name in ServiceName]?: ServiceRecord };
};

export function labDirOf(stateDir: string): string {
  return join(stateDir, 'lab');
}

export function stateFileOf(stateDir: string): string {
  return join(labDirOf(stateDir), 'lab.json');
}

/** What is written about the lab; nothing when there is none, or when the file is from another format or damaged. */
export function readState(stateDir: string): LabState | undefined {
  try {
    const state = JSON.parse(readFileSync(stateFileOf(stateDir), 'utf8')) as LabState;
    return state.format === 1 && typeof state.secrets === 'object' && typeof state.services === 'object'
      ? state
      : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step: a reader sees the old state or the new one, also when this process is killed. */
export function saveState(stateDir: string, state: LabState): void {
  const file = stateFileOf(stateDir);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
}
