import type { Manifest } from '../../adapters/postgres/manifest.ts';
import { agreeing } from '../../core/counted.ts';
import type { Snapshot } from '../../engine/snapshots/shelf.ts';

/** `51.2 MB`: decimal, as disks are sold and `df -H` counts. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(power < 2 ? 0 : 1)} ${units[power]}`;
}

/** How long ago: `12 s`, `5 min`, `3 h`, `12 d`. A clock that went backwards gives `0 s`. */
export function ageText(savedAt: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(savedAt)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

export function msText(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** NetBox tells its version and the phase, or neither. */
type Told = Pick<Manifest, 'netbox' | 'phase'>;

const untold = 'not known';

/** `1`, or a dash where it was in none. */
export function phaseWord({ netbox, phase }: Told): string {
  return phase === null ? (netbox === '' ? untold : '–') : String(phase);
}

/** `phase 1`, `in no phase`, `phase not known` */
export function phaseText(about: Told): string {
  return about.phase === null && about.netbox !== '' ? 'in no phase' : `phase ${phaseWord(about)}`;
}

export function netboxWord({ netbox }: Pick<Told, 'netbox'>): string {
  return netbox || untold;
}

/** `"1" of 20261121-113012` */
export function snapshotText({ manifest, timestamp }: Pick<Snapshot, 'manifest' | 'timestamp'>): string {
  return `"${manifest.name}" of ${timestamp}`;
}

/** What is asked before a restore: what is lost by it, how that is brought back, and where it happens. */
export function restoreQuestion(
  snapshot: Pick<Snapshot, 'manifest' | 'timestamp'>,
  { source, where }: { readonly source: string; readonly where: string },
  nowMs: number,
): string {
  const { name, savedAt } = snapshot.manifest;
  const lost = `What was written to NetBox since "${name}" was saved, ${ageText(savedAt, nowMs)} ago, goes`;
  const put = `Put ${snapshotText(snapshot)} in the place of ${source} on ${where}?`;
  return `${lost}; bmtool snapshot undo brings it back. ${put}`;
}

export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${agreeing(count, noun)}`;
}
