import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDump, planSchema } from '../../src/lab/fleet/dump.ts';

test.each<[what: string, dump: string, statements: string[]]>([
  ['statements end at semicolons', 'SELECT 1;\nSELECT 2;\n', ['SELECT 1', 'SELECT 2']],
  ['comments go', '-- Name: x\nSELECT 1; /* a /* nested */ one */ SELECT 2;', ['SELECT 1', 'SELECT 2']],
  ['meta commands go', '\\restrict a;b\nSELECT 1;\n\\unrestrict a;b\n', ['SELECT 1']],
  ['a semicolon in a string', "SELECT 'a;b';", ["SELECT 'a;b'"]],
  ['a quote in a string', "SELECT 'it''s; ok';SELECT 2;", ["SELECT 'it''s; ok'", 'SELECT 2']],
  ['a backslash in a plain string', "SELECT 'C:\\';SELECT 2;", ["SELECT 'C:\\'", 'SELECT 2']],
  ['a backslash in an escape string', "SELECT E'\\';';SELECT 2;", ["SELECT E'\\';'", 'SELECT 2']],
  ['a comment inside a string', "SELECT 'a\n-- b\n\nc';", ["SELECT 'a\n-- b\n\nc'"]],
  ['a meta command inside a string', "SELECT 'a\n\\restrict\nc';", ["SELECT 'a\n\\restrict\nc'"]],
  ['a function body', 'DO $$ BEGIN; -- x\nEND; $$;', ['DO $$ BEGIN; -- x\nEND; $$']],
  ['nested dollar quotes', 'DO $_$ SELECT $1, $$;$$; $_$;', ['DO $_$ SELECT $1, $$;$$; $_$']],
  ['a dollar inside a name', 'SELECT a$b$c; SELECT 2;', ['SELECT a$b$c', 'SELECT 2']],
  ['a semicolon in a quoted name', 'SELECT "a;""b";', ['SELECT "a;""b"']],
  ['minus and division', 'SELECT 4 - 2 / 1;', ['SELECT 4 - 2 / 1']],
])('%s', (_, dump, statements) => {
  expect(parseDump(dump)).toEqual(statements);
});

test.each(["SELECT 'open", 'SELECT "open', 'DO $$ open', '/* open', 'SELECT 1'])('%s is refused', dump => {
  expect(() => parseDump(dump)).toThrow(/ends inside/);
});

test('whatever stands in a string is kept byte for byte', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), values => {
      const statements = values.map(value => `INSERT INTO t VALUES ('${value.replaceAll("'", "''")}')`);
      expect(parseDump(statements.map(statement => `-- a comment\n${statement};\n`).join('\n'))).toEqual(statements);
    }),
  );
});

test('a schema is without session settings, idle sequences and clocks', () => {
  const dump = `
SET transaction_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.t (at timestamp with time zone);
INSERT INTO public.t VALUES
\t('2026-11-21 07:08:04.842805+00', 'at 2026-11-21 07:08:04+00 it was'),
\t('2026-11-21 07:08:04+00', NULL);
SELECT pg_catalog.setval('public.a_id_seq', 1, false);
SELECT pg_catalog.setval('public.b_id_seq', 8, true);
`;
  expect(planSchema(parseDump(dump), '2026-01-01 00:00:00+00')).toEqual([
    "SELECT pg_catalog.set_config('search_path', '', true)",
    'SET LOCAL check_function_bodies = false',
    'CREATE TABLE public.t (at timestamp with time zone)',
    `INSERT INTO public.t VALUES
\t('2026-01-01 00:00:00+00', 'at 2026-11-21 07:08:04+00 it was'),
\t('2026-01-01 00:00:00+00', NULL)`,
    "SELECT pg_catalog.setval('public.b_id_seq', 8, true)",
  ]);
});
