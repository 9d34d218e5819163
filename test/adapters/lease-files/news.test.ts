import { describe, expect, it } from 'vitest';
import { readDnsmasq } from '../../../src/adapters/lease-files/dnsmasq.ts';
import type { LeaseEntry } from '../../../src/adapters/lease-files/entry.ts';
import { readIsc } from '../../../src/adapters/lease-files/isc.ts';
import { readKea } from '../../../src/adapters/lease-files/kea.ts';
import { judge, newsOfGone, newsOfRecords, type Told } from '../../../src/adapters/lease-files/news.ts';
import type { DhcpServer } from '../../../src/core/lease.ts';
import type { Mac } from '../../../src/core/mac.ts';
import { fixture } from './fixture.ts';

const one = '94:40:C9:00:00:01' as Mac;
const two = '94:40:C9:00:00:02' as Mac;
const address = '192.0.2.7';
const entry = (fields: Partial<LeaseEntry>): LeaseEntry => ({ address, state: 'granted', mac: one, ...fields });
const told = (fields: Partial<Told> = {}): Told => ({ mac: one, endsAt: 160, touchedAt: 100, ...fields });

describe('judge', () => {
  it.each<[string, LeaseEntry, Told | undefined, string | undefined]>([
    ['a new lease', entry({ endsAt: 160, touchedAt: 100 }), undefined, 'granted'],
    ['the same lease again', entry({ endsAt: 160, touchedAt: 100 }), told(), undefined],
    ['a renewal', entry({ endsAt: 190, touchedAt: 130 }), told(), 'granted'],
    ['a renewal that ends sooner', entry({ endsAt: 150, touchedAt: 130 }), told(), 'granted'],
    ['what was before the renewal', entry({ endsAt: 130, touchedAt: 70 }), told(), undefined],
    ['another client', entry({ mac: two, endsAt: 190, touchedAt: 130 }), told(), 'granted'],
    ['another client, by a clock that was put back', entry({ mac: two, endsAt: 90, touchedAt: 60 }), told(), 'granted'],
    ['a lease that now never ends', entry({ endsAt: 0, touchedAt: 130 }), told(), 'granted'],
    ['one that never ends, again', entry({ endsAt: 0, touchedAt: 130 }), told({ endsAt: 0 }), undefined],
    ['one that was over before anybody looked', entry({ endsAt: 50, touchedAt: 40 }), undefined, undefined],
    ['one that ended at the last look', entry({ endsAt: 60, touchedAt: 40 }), undefined, undefined],
    ['a grant to nobody', { address, state: 'granted', endsAt: 160 }, undefined, undefined],
    ['freed at its end', entry({ state: 'over', endsAt: 160, touchedAt: 100 }), told(), 'expired'],
    ['freed before its end', entry({ state: 'over', endsAt: 120, touchedAt: 120 }), told(), 'released'],
    [
      'freed, although it never ends',
      entry({ state: 'over', endsAt: 120, touchedAt: 120 }),
      told({ endsAt: 0 }),
      'released',
    ],
    ['released', entry({ state: 'released', touchedAt: 100 }), told(), 'released'],
    ['expired', entry({ state: 'expired', endsAt: 160, touchedAt: 100 }), told(), 'expired'],
    ['declined, its client forgotten', { address, state: 'declined', touchedAt: 100 }, told(), 'declined'],
    ['the end of a lease that nobody told of', entry({ state: 'expired', endsAt: 160 }), undefined, undefined],
    ['the end of another client’s', entry({ state: 'over', mac: two, endsAt: 160 }), told(), undefined],
    ['the end of what was before', entry({ state: 'over', endsAt: 80, touchedAt: 80 }), told(), undefined],
  ])('%s', (_, record, before, kind) => {
    const judged = judge(record, before, 60, 200);
    expect(judged.news?.kind).toBe(kind);
    if (kind === 'granted') expect(judged.told).toMatchObject({ mac: record.mac, endsAt: record.endsAt });
    else if (kind !== undefined) expect(judged.told, 'nobody has it any more').toBeUndefined();
    // Said again, it is no news whatever it was.
    expect(judge(record, judged.told, 60, 200).news).toBeUndefined();
  });
});

describe('events', () => {
  const sight = (server: DhcpServer, seenAt: number) => ({ server, host: 'h', seenAt });
  const ids = (events: readonly { id: string; time: string }[]) =>
    events.map(({ id, time }) => `${time.slice(14, 19)} ${id}`);

  it('of dhcpd: a release at its moment', () => {
    const { entries } = readIsc(fixture('dhcpd.leases'));
    expect(ids(newsOfRecords(entries, new Map(), 0, sight('isc', 1795236420)))).toEqual([
      '45:49 granted/94:40:C9:00:00:01/192.0.2.100/1795236409',
      '45:53 released/94:40:C9:00:00:01/192.0.2.100/1795236353',
      '45:55 granted/94:40:C9:00:00:02/192.0.2.101/1795236415',
      '45:56 granted/94:40:C9:00:00:03/198.51.100.100/1795236416',
      '46:55 expired/94:40:C9:00:00:02/192.0.2.101/1795236415',
      '46:56 expired/94:40:C9:00:00:03/198.51.100.100/1795236416',
    ]);
  });

  // The hook's calls of the same clients in the same seconds: CLTT + VALID_LIFETIME of each is what the ids end with.
  it('of Kea: the same ids as its hook has', () => {
    const { entries } = readKea(fixture('kea-leases4.csv'), '');
    expect(ids(newsOfRecords(entries, new Map(), 0, sight('kea', 1795236532)))).toEqual([
      `48:48 granted/94:40:C9:00:00:01/192.0.2.100/${1795236528 + 30}`,
      `48:50 granted/94:40:C9:00:00:01/192.0.2.100/${1795236530 + 30}`,
      `48:52 released/94:40:C9:00:00:01/192.0.2.100/${1795236530 + 30}`,
      `48:54 granted/94:40:C9:00:00:02/192.0.2.101/${1795236534 + 30}`,
      `48:54 granted/94:40:C9:00:00:03/198.51.100.100/${1795236534 + 30}`,
      `49:24 expired/94:40:C9:00:00:02/192.0.2.101/${1795236534 + 30}`,
      `49:24 expired/94:40:C9:00:00:03/198.51.100.100/${1795236534 + 30}`,
    ]);
  });

  // LEASE_EXPIRES of its script's calls: 1795236234 and 1795236235, both in `add` and, at the end, in `del`.
  it('of dnsmasq: the same ids as its script has', () => {
    const memory = new Map();
    const { entries } = readDnsmasq(fixture('dnsmasq.leases'));
    expect(ids(newsOfRecords(entries, memory, 0, sight('dnsmasq', 1795236115)))).toEqual([
      '41:55 granted/94:40:C9:00:00:03/198.51.100.113/1795236235',
      '41:55 granted/94:40:C9:00:00:02/192.0.2.112/1795236234',
    ]);
    expect(ids(newsOfGone(new Set(['198.51.100.113']), memory, sight('dnsmasq', 1795236235), true))).toEqual([
      '43:54 expired/94:40:C9:00:00:02/192.0.2.112/1795236234',
    ]);
    expect(ids(newsOfGone(new Set(), memory, sight('dnsmasq', 1795236200), true))).toEqual([
      '43:20 released/94:40:C9:00:00:03/198.51.100.113/1795236235',
    ]);
    expect(memory).toEqual(new Map());
  });

  it('keep the name of a client whose record has lost it', () => {
    const { entries } = readKea(fixture('kea-leases4.csv'), '');
    const [, , , , , expired] = newsOfRecords(entries, new Map(), 0, sight('kea', 1795236570));
    expect(expired?.data).toEqual({
      time: '2026-11-21T04:49:24.000Z',
      kind: 'expired',
      mac: two,
      address: '192.0.2.101',
      hostname: 'idrac-f54p1g3',
      source: { way: 'follow', server: 'kea', host: 'h' },
    });
  });
});
