import type { Dispatcher } from 'undici';
// Not all of undici: its index loads fetch, and with it Node's own undici as well, which is two thirds of what starting it costs.
import request from 'undici/lib/api/api-request.js';
import errors from 'undici/lib/core/errors.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import { codeOf, silenceText, whyUnreachable } from '../../core/unreachable.ts';
import type { Answer, AnswerHeaders } from './answer.ts';
import { tlsTrouble } from './tls.ts';
import type { Vigil } from './vigil.ts';

export type ClientOptions = {
  /** Without a trailing slash and without `/api`. */
  readonly url: string;
  readonly token: string;
  /** How long an answer may take, milliseconds, where the request says nothing else. */
  readonly timeoutMs: number;
  /** How long connecting may take, milliseconds. */
  readonly connectTimeoutMs: number;
  readonly userAgent: string;
  readonly vigil: Vigil;
};

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS';
export type Query = readonly (readonly [name: string, value: string | number])[];
export type Wish = {
  readonly query?: Query;
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
  /** In place of the client's own. */
  readonly timeoutMs?: number | undefined;
};

/** One HTTP request, one answer, no retries. */
export type Client = {
  readonly url: string;
  readonly tokenKind: 'v1' | 'v2';
  readonly vigil: Vigil;
  send(method: Method, path: string, wish?: Wish): Promise<Answer>;
  close(): Promise<void>;
};

/** gunicorn kills a worker after 120 s, so no answer to a write can come later than that. */
export const longestWriteMs = 125_000;
/** No page of NetBox is near this; whatever is larger is not NetBox. */
const largestBodyBytes = 64 * 1024 * 1024;
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'EADDRNOTAVAIL',
]);

export function openClient(options: ClientOptions): Client {
  const dispatcher = new Agent({
    connections: 16,
    pipelining: 0,
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    connectTimeout: options.connectTimeoutMs,
  });
  // gunicorn keeps a kept-alive connection in the worker that accepted it, and one worker is one core (measured: 10,000
  // devices in 1.7 s kept alive, 0.9 s over fresh connections). Behind a proxy that does not arise.
  let direct = true;
  return {
    url: options.url,
    tokenKind: options.token.startsWith('nbt_') ? 'v2' : 'v1',
    vigil: options.vigil,
    async send(method, path, wish = {}) {
      const asked = attempt(dispatcher, options, method, path, wish, direct);
      const answer = await options.vigil.over(asked, wish.timeoutMs ?? options.timeoutMs);
      if (answer.kind === 'answered' && answer.headers.server !== undefined)
        direct = /gunicorn/i.test(answer.headers.server);
      return answer;
    },
    close: () => dispatcher.destroy(),
  };
}

async function attempt(
  dispatcher: Dispatcher,
  options: ClientOptions,
  method: Method,
  path: string,
  wish: Wish,
  direct: boolean,
): Promise<Answer> {
  try {
    const { origin, pathname, search } = new URL(`${options.url}/api/${path}${queryText(wish.query)}`);
    const response = await request.call(dispatcher, {
      origin,
      path: `${pathname}${search}`,
      method,
      reset: direct,
      signal: wish.signal ?? null,
      ...(wish.timeoutMs === undefined ? {} : { headersTimeout: wish.timeoutMs, bodyTimeout: wish.timeoutMs }),
      headers: headersFor(options, wish),
      body: wish.body === undefined ? null : JSON.stringify(wish.body),
    });
    const text = await readBody(response.body);
    return {
      kind: 'answered',
      status: response.statusCode,
      text,
      body: parseJson(text),
      headers: readHeaders(response.headers),
    };
  } catch (error) {
    return answerFor(error, options, wish);
  }
}

function headersFor(options: ClientOptions, wish: Wish): Record<string, string> {
  return {
    // Before 4.5 only `Token` is known; from 4.5 on the nbt_ prefix decides and the keyword is free.
    authorization: `${options.token.startsWith('nbt_') ? 'Bearer' : 'Token'} ${options.token}`,
    accept: 'application/json',
    // Error texts are translated by this header.
    'accept-language': 'en',
    // Up to 4.2 the API-Version header comes only when the request says JSON, also on GET.
    'content-type': 'application/json',
    'user-agent': options.userAgent,
    ...(wish.ifMatch === undefined ? {} : { 'if-match': wish.ifMatch }),
  };
}

function queryText(query: Query | undefined): string {
  if (query === undefined || query.length === 0) return '';
  return `?${query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value).replaceAll('%2C', ',')}`).join('&')}`;
}

async function readBody(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBodyBytes) throw new Error(`the answer is larger than ${largestBodyBytes / 1024 / 1024} MiB`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readHeaders(headers: Record<string, string | string[] | undefined>): AnswerHeaders {
  const one = (name: string) => {
    const value = headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const all = {
    requestId: one('x-request-id'),
    etag: one('etag'),
    retryAfter: one('retry-after'),
    date: one('date'),
    server: one('server'),
    apiVersion: one('api-version'),
    location: one('location'),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function answerFor(error: unknown, options: ClientOptions, wish: Wish): Answer {
  if (!(error instanceof Error)) throw error;
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError)
    return { kind: 'lost', why: silenceText(wish.timeoutMs ?? options.timeoutMs), timedOut: true };
  const code = codeOf(error);
  const { protocol, hostname, port } = new URL(options.url);
  const tls = tlsTrouble(code, hostname);
  if (tls) return { kind: 'unsent', ...tls };
  const place = {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
    waitedMs: options.connectTimeoutMs,
  };
  const isOther = error instanceof errors.HTTPParserError;
  const why = isOther ? 'what answers there does not speak HTTP' : whyUnreachable(code, place);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' && protocol === 'https:')
    return { kind: 'unsent', why: why ?? code, next: 'Check NETBOX_URL, and whether it is https there or http.' };
  if (unsentCodes.has(code)) return { kind: 'unsent', why: why ?? code };
  return { kind: 'lost', why: why ?? `the connection was lost (${code || error.message})`, timedOut: false };
}
