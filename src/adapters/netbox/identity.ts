import { Failure } from '../../core/failure.ts';
import { type Answer, whyOf } from './answer.ts';
import type { Client } from './client.ts';
import { readFailure } from './read.ts';
import { can, isUntried, parseVersion, refusal, type Version } from './versions.ts';

/** Who we are to this NetBox, and what it is. */
export type Identity = {
  readonly version: Version;
  /** Newer than any version that bmtool was tried with. */
  readonly untried: boolean;
  /** Unknown before 4.5, which cannot say. */
  readonly user: string | undefined;
  readonly tokenKind: 'v1' | 'v2';
  /** The server's clock minus ours, milliseconds, from the Date header (whole seconds). */
  readonly clockSkewMs: number | undefined;
};

type Answered = Extract<Answer, { kind: 'answered' }>;

/**
 * Finds out with one round of requests. Every answer of the API carries its version, refusals included (`API-Version`,
 * CoreMiddleware), so a wrong token and a wrong address can be told apart.
 */
export async function readIdentity(
  client: Client,
  wish: { readonly signal: AbortSignal; readonly timeoutMs?: number | undefined },
  now: () => number = Date.now,
): Promise<Identity> {
  const [status, who] = await Promise.all([
    client.send('GET', 'status/', wish),
    client.send('GET', 'authentication-check/', wish),
  ]);
  if (wish.signal.aborted) throw new Failure('interrupted', 'Interrupted');
  if (status.kind !== 'answered') throw readFailure({ client }, 'status/', status);
  const version = versionOf(status);
  if (version === undefined) throw notNetBox(client, status);
  const why = refusal(version);
  if (why !== undefined) throw new Failure('netbox-unsupported', `${client.url}: ${why}`, { next: 'Upgrade NetBox.' });
  if (status.status !== 200) throw refused(client, status);
  if (can(version, 'authenticationCheck') && !(who.kind === 'answered' && who.status === 200))
    throw refused(client, who);
  const user = (who.kind === 'answered' ? who.body : undefined) as { username?: unknown } | undefined;
  return {
    version,
    untried: isUntried(version),
    user: typeof user?.username === 'string' ? user.username : undefined,
    tokenKind: client.tokenKind,
    clockSkewMs: status.headers.date === undefined ? undefined : Date.parse(status.headers.date) + 500 - now(),
  };
}

function versionOf(status: Answered): Version | undefined {
  const body = (status.body ?? {}) as Record<string, unknown>;
  const said = [body['netbox-full-version'], body['netbox-version'], status.headers.apiVersion].find(
    text => typeof text === 'string',
  );
  return said === undefined ? undefined : parseVersion(said as string);
}

function notNetBox(client: Client, answer: Answered): Failure {
  if (answer.status >= 300 && answer.status < 400) return readFailure({ client }, 'status/', answer);
  return new Failure('not-netbox', `${client.url} answers (HTTP ${answer.status}), but it is not NetBox`, {
    next: 'Check NETBOX_URL: it should be the address of the NetBox page, without /api.',
  });
}

function refused(client: Client, answer: Answer): Failure {
  if (answer.kind !== 'answered' || answer.status !== 403)
    return readFailure({ client }, 'authentication-check/', answer);
  return new Failure('token-refused', `NetBox at ${client.url} does not accept the token: ${whyOf(answer)}`, {
    next: 'Set NETBOX_TOKEN to a token from NetBox: your name (top right) > API Tokens. bmtool doctor shows where the present one came from.',
  });
}
