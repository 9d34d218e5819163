import { Failure } from '../../core/failure.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { appendRecord } from './append.ts';

/** Where lease events wait on this machine's disk, from whoever saw them to the worker. */
export type Spool = {
  readonly folder: string;
  /** Appends each event whole, on disk when it comes back. Throws `Failure` when it cannot be written. */
  append(events: readonly LeaseEvent[]): void;
};

export function openSpool(folder: string): Spool {
  return {
    folder,
    append(events) {
      try {
        for (const event of events) appendRecord(folder, Buffer.from(JSON.stringify(event)));
      } catch (error) {
        throw new Failure('spool-unwritable', `Cannot write to the spool ${folder}: ${(error as Error).message}`, {
          next: 'Make room on its disk, or the folder writable; what was written before is kept.',
        });
      }
    },
  };
}
