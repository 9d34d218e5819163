import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the doctor wants to know of a folder. */
export type FolderReport = {
  readonly exists: boolean;
  /** Why nothing can be written there, or no folder made, in the system's words. */
  readonly unwritable: string | undefined;
  /** What is left on its disk for this user, bytes. */
  readonly freeBytes: number;
};

/** Looks at a folder; where it is missing, at the nearest one above it, in which it would be made. Writes nothing. */
export type DiskProbe = (folder: string) => FolderReport;

export const probeFolder: DiskProbe = folder => {
  const exists = existsSync(folder);
  const there = nearest(folder);
  return { exists, unwritable: refusal(there), freeBytes: freeBytes(there) };
};

function nearest(folder: string): string {
  const above = dirname(folder);
  return existsSync(folder) || above === folder ? folder : nearest(above);
}

function refusal(folder: string): string | undefined {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
