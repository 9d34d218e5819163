import { Failure } from '../../../core/failure.ts';
import type { ProgramEnd } from './run-program.ts';

/** What pg_dump says no with, and what to do. */
const dumpTroubles = [
  [
    /permission denied/,
    'pg-dump-not-allowed',
    'The user needs SELECT on every table: the owner of the tables has it, or GRANT pg_read_all_data.',
  ],
  [
    /statement timeout/,
    'pg-dump-locked-out',
    'Nothing was kept. Somebody has locked a table, as a migration does: run it again when that has ended, or wait longer with --timeout SECONDS.',
  ],
] as const;
const otherTrouble = [undefined, 'pg-dump-failed', 'Nothing was kept.'] as const;

/** Throws `Failure` with pg_dump's own words, unless it went well. */
export function judgeDump(end: ProgramEnd, where: string): void {
  if (end.code === 0) return;
  const words = wordsOf(end);
  const [, kind, next] = dumpTroubles.find(([says]) => says.test(words)) ?? otherTrouble;
  throw new Failure(kind, `pg_dump cannot dump the database of ${where}: ${words}`, { next });
}

type Load = {
  readonly where: string;
  readonly server: { readonly version: string; readonly major: number };
  readonly program: { readonly version: string; readonly major: number };
};

/**
 * From 17 on pg_restore sets transaction_timeout, which older servers do not know, and there is no option against it: then it may not stop at its
 * first error, and every error has to be looked at.
 */
export function lacksTransactionTimeout(server: { major: number }, program: { major: number }): boolean {
  return program.major >= 17 && server.major < 17;
}

const harmless =
  'pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"';

/** Throws `Failure` with pg_restore's own words, unless all is in the database. */
export function judgeLoad(end: ProgramEnd, { where, server, program }: Load): void {
  if (end.code === 0) return;
  const errors = end.stderr.split('\n').filter(line => line.startsWith('pg_restore: error:'));
  const real = errors.filter(line => line !== harmless);
  if (end.code === 1 && errors.length > 0 && real.length === 0 && lacksTransactionTimeout(server, program)) return;
  const what = `${where} does not take the dump: ${wordsOf({ ...end, stderr: withoutHarmless(end.stderr) })}`;
  if (/No space left|disk full/i.test(end.stderr))
    throw new Failure('postgres-disk-full', what, {
      next: 'Nothing was kept. Make room: bmtool snapshot list shows what the copies take, bmtool snapshot prune --keep N drops old ones.',
    });
  throw new Failure('pg-restore-failed', what, {
    next: `Nothing was kept. NetBox's database needs the extension ltree and collations of ICU; this server is PostgreSQL ${server.version}, and an older one may not take what a newer one wrote.`,
  });
}

function withoutHarmless(stderr: string): string {
  return stderr.replaceAll(`${harmless}\nCommand was: SET transaction_timeout = 0;\n`, '');
}

const lengthLimit = 400;

/** The first error, with its detail and without the statement, which may hold what nobody should read. */
export function wordsOf({ code, stderr }: Pick<ProgramEnd, 'code' | 'stderr'>): string {
  const lines = stderr
    .split('\n')
    .map(line => line.replace(/^pg_(dump|restore): (error: )?/, '').trim())
    .filter(
      line => line !== '' && !/^(while |from TOC entry|creating |processing |last built-in|warning:)/i.test(line),
    );
  const [first, second] = lines;
  if (first === undefined) return code === null ? 'it was ended by somebody else' : `it ended with code ${code}`;
  const more = second !== undefined && /^(detail|hint): (?!Query was)/i.test(second) ? ` ${second}` : '';
  const words = `${first}${more}`;
  return words.length > lengthLimit ? `${words.slice(0, lengthLimit)}…` : words;
}
