import type { DhcpServer } from '../../core/lease.ts';
import { readDnsmasq } from './dnsmasq.ts';
import type { Bytes, Reading } from './entry.ts';
import { readIsc } from './isc.ts';
import { readKea } from './kea.ts';

/** What a follower has to know of a server's way with its lease file. */
export type Dialect = {
  readonly server: DhcpServer;
  /** `header` is the first line of the file. */
  readonly read: (text: Bytes, header: string) => Reading;
  /** Records are added at the end; else the whole file is written anew in its place at every change. */
  readonly appends: boolean;
  /** Where the file is found that was in this place before, as long as it is there. */
  readonly formerly: (path: string) => readonly string[];
  /** Files whose records come before this one's: of each list those that are there, of the lists the first that has any. */
  readonly older: (path: string) => readonly (readonly string[])[];
  /** A lease that is missing from a whole file is over. */
  readonly goneIsOver: boolean;
};

export const dialects: Readonly<Record<DhcpServer, Dialect>> = {
  isc: {
    server: 'isc',
    read: readIsc,
    appends: true,
    // At its start and then every hour dhcpd writes a new file, links the old one to `…~` and renames the new one over it (server/db.c).
    formerly: path => [`${path}~`],
    older: () => [],
    // It writes every lease of its pools that was ever given: one that is missing is of a pool that it has no more.
    goneIsOver: false,
  },
  kea: {
    server: 'kea',
    read: readKea,
    appends: true,
    // Kea's lease file cleanup: the file is renamed to `.1`, `.2` and `.1` become `.completed` without what is over, and that `.2` [strace, 2.2.0].
    formerly: path => [`${path}.1`],
    // In the order in which Kea itself loads them.
    older: path => [[`${path}.completed`], [`${path}.2`, `${path}.1`]],
    goneIsOver: true,
  },
  dnsmasq: {
    server: 'dnsmasq',
    read: readDnsmasq,
    appends: false,
    formerly: () => [],
    older: () => [],
    goneIsOver: true,
  },
};
