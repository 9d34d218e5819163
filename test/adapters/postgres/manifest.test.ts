import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  digestOf,
  noteText,
  readLiveNote,
  readManifest,
  readWarmNote,
  type WaitingJobs,
} from '../../../src/adapters/postgres/manifest.ts';
import { aManifest, nothingWaiting } from '../../support/snapshots.ts';
import { tries } from '../../support/tries.ts';

const written = aManifest({ note: 'ünder "quotes" \\ and\nlines', exported: { file: 'a.snap', at: '2026-11-21' } });

test('what is written is read, to the last character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.string()), (note, entries) => {
      const queue = { key: 'netbox:bmc:discovered', entries, digest: digestOf(entries) };
      const manifest = aManifest({ note, queue });
      expect(readManifest(noteText(manifest))).toEqual(manifest);
    }),
  );
});

test('an app of NetBox that is called "jobs" is no background job', () => {
  const manifest = aManifest({ migrations: { digest: 'a1', count: 1, last: { jobs: '0001_initial' } } });
  expect(readManifest(noteText(manifest))).toEqual(manifest);
});

test('background jobs come back as they were, packed on the way', () => {
  const aHash = fc.dictionary(fc.string({ minLength: 1 }).filter(isKey), fc.base64String());
  fc.assert(
    fc.property(fc.dictionary(fc.uuid(), aHash, { minKeys: 1 }), fields => {
      const jobs: WaitingJobs = { queues: { default: Object.keys(fields) }, scheduled: { low: [['x', 1.5]] }, fields };
      const manifest = aManifest({ jobs });
      expect(noteText(manifest)).toContain('"jobs":"zstd:');
      expect(readManifest(noteText(manifest))).toEqual(manifest);
    }),
  );
});

/** valibot leaves out what could become a prototype; no job has such a field. */
function isKey(name: string): boolean {
  return !['__proto__', 'prototype', 'constructor'].includes(name);
}

describe('what is no manifest says why', () => {
  const changed = (change: object) => JSON.stringify({ ...written, ...change });
  test.each([
    ['', 'it has no manifest: its comment is gone'],
    ['Ours. Do not touch.', 'its comment is not a manifest of bmtool'],
    ['{"format":1', 'its comment is not a manifest of bmtool'],
    ['null', 'its manifest is damaged at "its beginning"'],
    ['5', 'its manifest is damaged at "its beginning"'],
    ['[]', 'its manifest is damaged at "format"'],
    ['{}', 'its manifest is damaged at "format"'],
    ['{"format":2}', 'its manifest has format 2, of a newer bmtool'],
    [changed({ format: 17 }), 'its manifest has format 17, of a newer bmtool'],
    [changed({ format: 0 }), 'its manifest is damaged at "format"'],
    [changed({ name: 5 }), 'its manifest is damaged at "name"'],
    [changed({ savedAt: 'yesterday' }), 'its manifest is damaged at "savedAt"'],
    [changed({ number: '1' }), 'its manifest is damaged at "number"'],
    [changed({ number: 1.5 }), 'its manifest is damaged at "number"'],
    [changed({ number: 1e300 }), 'its manifest is damaged at "number"'],
    [changed({ number: 0 }), 'its manifest is damaged at "number"'],
    [changed({ rows: { dcim_device: 'many' } }), 'its manifest is damaged at "rows.dcim_device"'],
    [changed({ migrations: { digest: 'a', count: 1 } }), 'its manifest is damaged at "migrations.last"'],
    [changed({ queue: { key: 'a', entries: [1], digest: '' } }), 'its manifest is damaged at "queue.entries.0"'],
    [changed({ jobs: { queues: [] } }), /^its manifest is damaged at "jobs/],
    [changed({ jobs: 'zstd:AAAA' }), /^its manifest is damaged at "jobs/],
    [changed({ jobs: 'gzip:AAAA' }), /^its manifest is damaged at "jobs/],
  ])('%s', (text, unreadable) => {
    expect(readManifest(text)).toEqual({
      unreadable: typeof unreadable === 'string' ? unreadable : expect.stringMatching(unreadable),
    });
  });
});

describe('hostile comments', () => {
  /** Whatever comes out is a manifest with everything in it, or says why not: a sentence of one short line. */
  const judged = (text: string) => {
    const read = readManifest(text);
    if ('unreadable' in read) expect(read.unreadable).toMatch(/^its? [^\n]{5,200}$/);
    else expect(readManifest(noteText(read))).toEqual(read);
    return read;
  };

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), text => void judged(text)));
  });

  test('any JSON', () => {
    fc.assert(fc.property(fc.json(), text => void judged(text)));
  });

  test('a manifest in which something else stands at one place', () => {
    const whole = aManifest();
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(whole)), fc.jsonValue(), (key, value) => {
        const read = judged(JSON.stringify({ ...whole, [key]: value }));
        if (!('unreadable' in read)) expect(Number.isFinite(Date.parse(read.savedAt))).toBe(true);
      }),
      { numRuns: tries(500) },
    );
  });

  test('a manifest that was cut off', () => {
    const text = noteText(written);
    fc.assert(
      fc.property(fc.nat(text.length - 1), length => {
        expect(judged(text.slice(0, length))).toHaveProperty('unreadable');
      }),
    );
  });

  test.each(['2026-02-31T25:00:00Z', '2026-11-21T11:30:12+05', '2026-11-21T11:30', '99999-01-01T00:00:00Z'])(
    'a time that is none: %s',
    savedAt => {
      const read = readManifest(JSON.stringify({ ...written, savedAt }));
      if (!('unreadable' in read)) expect(Number.isFinite(Date.parse(read.savedAt))).toBe(true);
    },
  );

  test('a name that is somebody else’s prototype', () => {
    const text = noteText(written).replace('"rows":{', '"rows":{"__proto__":7,');
    expect(readManifest(text)).toEqual(written);
  });
});

test('other notes are read, too, and are not taken for each other', () => {
  expect(readWarmNote(noteText({ format: 1, of: 'x' }))).toEqual({ format: 1, of: 'x' });
  expect(readWarmNote(noteText(written))).toHaveProperty('unreadable');
  expect(readManifest(noteText({ format: 1, of: 'x' }))).toHaveProperty('unreadable');
  expect(readWarmNote('{"format":2,"of":"x"}')).toEqual({ unreadable: 'its manifest has format 2, of a newer bmtool' });
  const live = { doing: 'restored', comment: 'Ours.', waiting: nothingWaiting } as const;
  expect(readLiveNote(noteText(live))).toEqual(live);
  for (const other of ['', '{', 'null', '{"doing":"dancing"}', noteText(written), '{"doing":"restored"}'])
    expect(readLiveNote(other)).toBeUndefined();
});

test('a digest is of all entries and of their order', () => {
  expect(digestOf(['a', 'b'])).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set([[], ['a', 'b'], ['b', 'a'], ['ab'], ['a,b'], ['a', 'b', '']].map(digestOf)).size).toBe(6);
});
