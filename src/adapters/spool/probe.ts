import { statSync } from 'node:fs';
import { join } from 'node:path';
import { inboxName, mostInboxBytes } from './append.ts';

/** How full the inbox is, which a worker empties: beyond `mostBytes` hooks keep nothing. */
export type SpoolReport = { readonly bytes: number; readonly mostBytes: number };

/** Nothing where no event has come yet. */
export type SpoolProbe = () => SpoolReport | undefined;

export function openSpoolProbe(folder: string): SpoolProbe {
  return () => {
    const inbox = statSync(join(folder, inboxName), { throwIfNoEntry: false });
    return inbox && { bytes: inbox.size, mostBytes: mostInboxBytes };
  };
}
