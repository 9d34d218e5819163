import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { servers } from './netbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'bmtool-manifests-'));
let count = 0;

/** Writes a file for a test and gives its path. */
export function writeFile(text: string | Uint8Array, name = `manifest-${++count}.csv`): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A MAC of HPE's block that no server of the fleet has: the n-th. */
export function macOf(n: number): string {
  return `94:40:C9:F0:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`.toUpperCase();
}

export type Target = Awaited<ReturnType<typeof servers>>[number] & { mac: string };

/** The first `count` servers from `from` on, each with a MAC of its own. */
export async function targets(count: number, from = 0): Promise<Target[]> {
  return (await servers(from + count)).slice(from).map((server, i) => ({ ...server, mac: macOf(from + i + 1) }));
}

export function manifestOf(rows: readonly { serial: string; mac: string }[]): string {
  return writeFile(`server_serial,server_bmc_mac\n${rows.map(({ serial, mac }) => `${serial},${mac}\n`).join('')}`);
}
