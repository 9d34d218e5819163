import type { Reading } from '../../adapters/spool/queue.ts';
import type { SpoolRecord } from '../../adapters/spool/record.ts';
import { eventsOfCall } from './calls/events.ts';

/** What a record of the spool means; a call of a hook that is about no lease means nothing. */
export function eventsOfRecord(record: SpoolRecord, here: { readonly host: string; readonly now: number }): Reading {
  if ('event' in record) return { events: [record.event] };
  if ('unreadable' in record) return record;
  const reading = eventsOfCall(record.call, here);
  return 'ignored' in reading ? { events: [] } : reading;
}
