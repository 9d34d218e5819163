import type { PostgresConnection } from '../connect.ts';
import { quoted } from '../swap.ts';

type Kind = {
  version: number;
  encoding: string;
  collate: string;
  ctype: string;
  provider: string;
  locale: string | null;
  rules: string | null;
};

/**
 * Makes an empty database that sorts and compares as another one does, which no dump says. `owner` may do everything in it, as PostgreSQL
 * 15 and later give the schema `public` to the owner of the database.
 */
export async function createEmpty(
  admin: PostgresConnection,
  name: string,
  wish: { readonly like: string; readonly owner: string | undefined },
): Promise<void> {
  // By way of JSON: the column of the locale has changed its name in PostgreSQL 17, and others are newer than 13.
  const { rows } = await admin.query<Kind>(
    `SELECT current_setting('server_version_num')::int AS version, pg_encoding_to_char(encoding) AS encoding,
       coalesce(j->>'datcollate', '') AS collate, coalesce(j->>'datctype', '') AS ctype, coalesce(j->>'datlocprovider', 'c') AS provider,
       coalesce(j->>'datlocale', j->>'daticulocale') AS locale, j->>'daticurules' AS rules
     FROM pg_database d, to_jsonb(d) AS j WHERE datname = $1`,
    [wish.like],
  );
  const owner = wish.owner === undefined ? '' : ` OWNER ${quoted(wish.owner)}`;
  await admin.query(`CREATE DATABASE ${quoted(name)} TEMPLATE template0 ${kindClause(rows[0])}${owner}`);
}

/** NetBox works with UTF8 alone; where nothing else is known the server decides how to sort. */
export function kindClause(kind: Kind | undefined): string {
  if (kind === undefined) return "ENCODING 'UTF8'";
  const { version, encoding, collate, ctype, provider, locale, rules } = kind;
  const libc = `ENCODING ${text(encoding)} LC_COLLATE ${text(collate)} LC_CTYPE ${text(ctype)}`;
  if (version < 150_000) return libc;
  if (provider === 'i' && locale !== null)
    return `${libc} LOCALE_PROVIDER icu ICU_LOCALE ${text(locale)}${rules === null ? '' : ` ICU_RULES ${text(rules)}`}`;
  if (provider === 'b' && locale !== null) return `${libc} LOCALE_PROVIDER builtin BUILTIN_LOCALE ${text(locale)}`;
  return `${libc} LOCALE_PROVIDER libc`;
}

function text(value: string): string {
  return `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/**
 * To whom NetBox's tables belong in this database: not always to its owner, nor to whoever works on it now. Nothing where that cannot be had,
 * or is not this role's to become.
 */
export async function tableOwner(inside: PostgresConnection): Promise<string | undefined> {
  const { rows } = await inside.query<{ owner: string }>(
    `SELECT pg_get_userbyid(relowner) AS owner FROM pg_class
     WHERE oid = to_regclass('django_migrations') AND pg_has_role(relowner, 'MEMBER')`,
  );
  return rows[0]?.owner;
}
