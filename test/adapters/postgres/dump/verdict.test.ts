import { describe, expect, test } from 'vitest';
import { kindClause } from '../../../../src/adapters/postgres/dump/empty-database.ts';
import { judgeDump, judgeLoad, wordsOf } from '../../../../src/adapters/postgres/dump/verdict.ts';

const where = 'PostgreSQL at db1:5432';
const end = (code: number | null, stderr: string) => ({ code, stdout: '', stderr });

const timeout = `pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
`;
const ignored = 'pg_restore: warning: errors ignored on restore: 2\n';
const collation = `pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 4; 3456 16384 COLLATION natural_sort netbox
pg_restore: error: could not execute query: ERROR:  ICU is not supported in this build
Command was: CREATE COLLATION public.natural_sort (provider = icu);
`;

describe('what pg_restore said', () => {
  const load = (server: number, program: number) => ({
    where,
    server: { version: `${server}.1`, major: server },
    program: { version: `${program}.1`, major: program },
  });

  test('an older server does not know transaction_timeout, and that alone is no trouble', () => {
    expect(() => judgeLoad(end(1, `${timeout}${timeout}${ignored}`), load(15, 18))).not.toThrow();
    expect(() => judgeLoad(end(0, ''), load(15, 18))).not.toThrow();
  });

  test.for<[string, string, number, number, RegExp]>([
    ['a real error', collation, 18, 18, /db1:5432 does not take the dump: .*ICU is not supported in this build$/],
    [
      'a real error among the harmless',
      `${timeout}${collation}${ignored}`,
      15,
      18,
      /ICU is not supported in this build$/,
    ],
    ['the harmless one where it cannot be', timeout, 18, 18, /does not take the dump/],
    ['an end without words', '', 15, 18, /it ended with code 1/],
  ])('%s is trouble', ([, stderr, server, program, message]) => {
    expect(() => judgeLoad(end(1, stderr), load(server, program))).toThrow(message);
  });

  test('killed, it is trouble whatever it said', () => {
    expect(() => judgeLoad(end(null, timeout), load(15, 18))).toThrow(/ended by somebody else/);
  });

  test('a full disk says what to do', () => {
    const full =
      'pg_restore: error: COPY failed for table "dcim_device": ERROR:  could not extend file: No space left on device\n';
    expect(() => judgeLoad(end(1, full), load(18, 18))).toThrow(
      expect.objectContaining({ next: expect.stringMatching(/Make room/) }),
    );
  });
});

test('pg_dump without a right says which', () => {
  const denied =
    'pg_dump: error: query failed: ERROR:  permission denied for table users_token\npg_dump: detail: Query was: LOCK TABLE …\n';
  expect(() => judgeDump(end(1, denied), where)).toThrow(
    expect.objectContaining({ exit: 4, message: expect.stringMatching(/permission denied for table users_token/) }),
  );
  expect(() => judgeDump(end(0, 'pg_dump: warning: whatever'), where)).not.toThrow();
});

test('words are short, and hold no statement', () => {
  expect(wordsOf(end(1, collation))).toBe('could not execute query: ERROR:  ICU is not supported in this build');
  const exists =
    'pg_restore: error: could not execute query: ERROR:  duplicate key\nDETAIL:  Key (id)=(1) already exists.\nCommand was: x';
  expect(wordsOf(end(1, exists))).toMatch(/duplicate key DETAIL: {2}Key \(id\)=\(1\)/);
  expect(wordsOf(end(1, `pg_restore: error: ${'x'.repeat(5000)}`)).length).toBeLessThan(500);
});

test.for([
  [
    'libc',
    { provider: 'c', locale: null, rules: null },
    "LC_COLLATE E'C' LC_CTYPE E'de_DE.UTF-8' LOCALE_PROVIDER libc",
  ],
  ['ICU', { provider: 'i', locale: 'de', rules: null }, "LOCALE_PROVIDER icu ICU_LOCALE E'de'"],
  ['ICU with rules', { provider: 'i', locale: 'de', rules: "&a < 'b'" }, "ICU_LOCALE E'de' ICU_RULES E'&a < ''b'''"],
  ['builtin', { provider: 'b', locale: 'C.UTF-8', rules: null }, "LOCALE_PROVIDER builtin BUILTIN_LOCALE E'C.UTF-8'"],
] as const)('an empty database sorts like the other: %s', ([, kind, clause]) => {
  const all = { version: 180_004, encoding: 'UTF8', collate: 'C', ctype: 'de_DE.UTF-8', ...kind };
  expect(kindClause(all)).toContain(clause);
  expect(kindClause({ ...all, version: 140_000 })).not.toContain('PROVIDER');
});
