import { type DhcpServer, type Lease, type LeaseEvent, type LeaseKind, leaseEvent } from '../../core/lease.ts';
import type { Mac } from '../../core/mac.ts';
import { type LeaseEntry, present } from './entry.ts';

/** What was told of an address that a client has. An address that nobody has is not remembered. Seconds since 1970. */
export type Told = {
  readonly mac: Mac;
  /** 0: never. */
  readonly endsAt: number;
  readonly touchedAt: number;
  readonly hostname?: string;
};

/** What was told, by address. */
export type Memory = Map<string, Told>;

/** Who saw a file, and when its newest word was written: seconds since 1970. */
export type Sight = { readonly server: DhcpServer; readonly host: string; readonly seenAt: number };

/** What a record says that was not told yet, and what is to be remembered of its address from now on. */
export type Judgement = { readonly told: Told | undefined; readonly news?: News };

type News = LeaseEntry & { readonly kind: LeaseKind; readonly mac: Mac; readonly endsAt: number };

/**
 * Judges one record by what was told before.
 *
 * @param since what ended before this moment is no news: at the first start now, later when the file was last looked at. Seconds since 1970; 0 for
 *   records that were surely written since
 */
export function judge(entry: LeaseEntry, told: Told | undefined, since: number, seenAt: number): Judgement {
  return entry.state === 'granted' ? judgeGrant(entry, told, since, seenAt) : judgeEnd(entry, told);
}

function judgeGrant(entry: LeaseEntry, told: Told | undefined, since: number, seenAt: number): Judgement {
  const { mac, endsAt = 0, touchedAt = seenAt, hostname } = entry;
  if (mac === undefined || (endsAt !== 0 && endsAt <= since)) return { told };
  if (told?.mac === mac) {
    if (told.endsAt === endsAt) return { told };
    // A file that was put back, or is being copied over itself, says again what was before.
    if (endOf(endsAt) < endOf(told.endsAt) && touchedAt <= told.touchedAt) return { told };
  }
  return {
    told: { mac, endsAt, touchedAt, ...present({ hostname }) },
    news: { ...entry, kind: 'granted', mac, endsAt },
  };
}

/** The end of a lease that was never told is no news. */
function judgeEnd(entry: LeaseEntry, told: Told | undefined): Judgement {
  if (told === undefined || (entry.mac !== undefined && entry.mac !== told.mac)) return { told: undefined };
  if (entry.touchedAt !== undefined && entry.touchedAt < told.touchedAt) return { told };
  const { mac, hostname } = told;
  const endsAt = entry.endsAt ?? told.endsAt;
  return {
    told: undefined,
    news: { ...present({ hostname }), ...entry, kind: kindOf(entry, endsAt, told), mac, endsAt },
  };
}

/** dhcpd frees an address with the end it had, or sets the end to the moment of the release. */
function kindOf({ state }: LeaseEntry, endsAt: number, told: Told): LeaseKind {
  if (state !== 'over') return state;
  return endOf(endsAt) < endOf(told.endsAt) ? 'released' : 'expired';
}

/** Judges records in their order, and remembers. */
export function newsOfRecords(
  entries: readonly LeaseEntry[],
  memory: Memory,
  since: number,
  sight: Sight,
): LeaseEvent[] {
  return entries.flatMap(entry => {
    const { told, news } = judge(entry, memory.get(entry.address), since, sight.seenAt);
    if (told === undefined) memory.delete(entry.address);
    else memory.set(entry.address, told);
    return news ? [eventOf(news, sight)] : [];
  });
}

/** Forgets the addresses that a whole file has no more; where the server writes so that a lease is over, that is told. */
export function newsOfGone(
  held: { has(address: string): boolean },
  memory: Memory,
  sight: Sight,
  isOver: boolean,
): LeaseEvent[] {
  const gone = [...memory].filter(([address]) => !held.has(address));
  for (const [address] of gone) memory.delete(address);
  if (!isOver) return [];
  return gone.map(([address, { mac, endsAt, hostname }]) => {
    const kind = endOf(endsAt) <= sight.seenAt ? 'expired' : 'released';
    return eventOf({ ...present({ hostname }), address, state: kind, kind, mac, endsAt }, sight);
  });
}

function endOf(endsAt: number): number {
  return endsAt === 0 ? Number.POSITIVE_INFINITY : endsAt;
}

function eventOf({ state: _, endsAt, touchedAt, ...said }: News, { server, host, seenAt }: Sight): LeaseEvent {
  const happenedAt = {
    granted: touchedAt ?? seenAt,
    declined: touchedAt ?? seenAt,
    expired: endsAt || seenAt,
    // dhcpd alone writes down when: as the lease's end. The others' end is still to come, or was there first.
    released: Math.min(endsAt || seenAt, seenAt),
  }[said.kind];
  const time = new Date(happenedAt * 1000).toISOString();
  const lease: Lease = { time, ...said, source: { way: 'follow', server, host } };
  return leaseEvent(lease, endsAt);
}
