/** Where somebody wanted to connect to, and how long an answer was waited for, milliseconds. */
export type Place = { readonly host: string; readonly port: number; readonly waitedMs: number };

export const closedText = 'the server closed the connection';

type Words = (place: Place) => string;

const silent: Words = ({ waitedMs }) => silenceText(waitedMs);
const closed: Words = () => closedText;
const noWay: Words = ({ host }) => `this machine has no way to ${host}`;
const forbidden: Words = at => `this machine lets nobody connect to ${whereText(at)}`;

/** What the codes of the operating system (errno(3), getaddrinfo(3)) and of undici say to a person. */
const words: Readonly<Record<string, Words>> = {
  ENOTFOUND: ({ host }) => `no such host: ${host}`,
  EAI_AGAIN: ({ host }) => `the name ${host} cannot be looked up: the name server does not answer`,
  ECONNREFUSED: at => `nothing listens on ${whereText(at)}`,
  // Of a socket that is a file, as PGHOST may name.
  ENOENT: ({ host }) => `there is no socket in ${host}`,
  // The kernel's own patience, which nobody has set.
  ETIMEDOUT: ({ host }) => `${host} does not answer`,
  UND_ERR_CONNECT_TIMEOUT: silent,
  EHOSTUNREACH: noWay,
  ENETUNREACH: noWay,
  ENETDOWN: noWay,
  EADDRNOTAVAIL: () => 'this machine has no port left to connect from',
  EACCES: forbidden,
  EPERM: forbidden,
  ECONNRESET: closed,
  EPIPE: closed,
  UND_ERR_SOCKET: closed,
};

/** Why there is no answer, in words for a person; nothing for a code that has none. */
export function whyUnreachable(code: string, place: Place): string | undefined {
  return Object.hasOwn(words, code) ? words[code]?.(place) : undefined;
}

export function silenceText(waitedMs: number): string {
  return `no answer within ${waitText(waitedMs)}`;
}

/** `0.5 s`, `90 s`, from two minutes on `2 min`. */
export function waitText(ms: number): string {
  if (ms >= 120_000) return `${Math.round(ms / 60_000)} min`;
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}

function whereText({ host, port }: Place): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The code of an error, of the first of several for a name with several addresses, or of what caused it; empty where none has one. */
export function codeOf(error: Error & { code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner instanceof Error ? codeOf(inner) : '';
}
