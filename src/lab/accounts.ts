import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { PostgresConnection } from '../adapters/postgres/connect.ts';
import { demoToken } from './running.ts';

/** Who may log in at the lab's web pages. Known to everybody, which is why the lab listens on loopback only. */
export const adminAccount = { user: 'admin', password: 'admin' } as const;

/** Few, because there is no secret to protect; NetBox raises them at the first login. */
const iterations = 1000;

/**
 * Inserts the superuser with the demo token. Done on every new database and never part of the base snapshot: a
 * snapshot with tokens in it is a leak waiting to happen.
 */
export async function createAccounts(client: PostgresConnection): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO users_user (password, is_superuser, username, first_name, last_name, email, is_active, date_joined)
     VALUES ($1, true, $2, '', '', '', true, now()) RETURNING id`,
    [await djangoPassword(adminAccount.password), adminAccount.user],
  );
  const id = rows[0]?.id;
  await client.query(`INSERT INTO users_userconfig (user_id, data) VALUES ($1, '{}')`, [id]);
  // Version 1: the token that NetBox's demo and its users' scripts have always used cannot be a version 2 token.
  await client.query(
    `INSERT INTO users_token (created, write_enabled, description, user_id, enabled, version, plaintext)
     VALUES (now(), true, 'well-known demo token', $1, true, 1, $2)`,
    [id, demoToken],
  );
}

/** A password as Django stores it (django.contrib.auth.hashers.PBKDF2PasswordHasher). */
export async function djangoPassword(password: string): Promise<string> {
  const salt = randomBytes(16).toString('hex');
  const key = await promisify(pbkdf2)(password, salt, iterations, 32, 'sha256');
  return `pbkdf2_sha256$${iterations}$${salt}$${key.toString('base64')}`;
}
