/** What came back from one HTTP request. Nothing that can be expected on a bad day is thrown. */
export type Answer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: unknown;
      readonly text: string;
      readonly headers: AnswerHeaders;
    }
  /** The request never left: refused, no such host, no route. Nothing happened on the server. */
  | { readonly kind: 'unsent'; readonly why: string; readonly next?: string }
  /** Sent, but no answer: reset, timed out, closed. It may or may not have happened. */
  | { readonly kind: 'lost'; readonly why: string; readonly timedOut: boolean };

export type AnswerHeaders = {
  readonly requestId?: string;
  readonly etag?: string;
  readonly retryAfter?: string;
  readonly date?: string;
  readonly server?: string;
  readonly apiVersion?: string;
  readonly location?: string;
};

/**
 * What an answer to a write means for the rows in it. Each cause has one row in the table of `causeOf`, in order; the first that fits counts.
 *
 * - `ok`: all rows are written.
 * - `down`: nothing was sent; wait and send again.
 * - `busy`: nothing was done; wait as told and send again.
 * - `lost`: it may have been done; look before sending again.
 * - `rolledBack`: the server undid it for a reason that passes (deadlock, its database restarted); send again.
 * - `tooBig`: fewer rows at a time.
 * - `stale`: somebody changed a row since it was read.
 * - `badRows`: some rows are wrong; `rows` names them if the server did.
 * - `maintenance`: NetBox accepts no writes at all now.
 * - `unauthorized`: the token itself is not accepted any more (a permission that is missing makes bad rows).
 */
export type Cause =
  | { readonly cause: 'ok' }
  | {
      readonly cause: 'down' | 'lost' | 'rolledBack' | 'tooBig' | 'stale' | 'maintenance' | 'unauthorized';
      readonly why: string;
    }
  | { readonly cause: 'busy'; readonly why: string; readonly waitMs: number | undefined }
  | { readonly cause: 'badRows'; readonly why: string; readonly rows: readonly BadRow[] };

/** A row of a refused list: by its id (updates, deletes) or its index in the request (creates, malformed rows). */
export type BadRow = { readonly id?: number; readonly index?: number; readonly why: string };

type Answered = Extract<Answer, { kind: 'answered' }>;

const table: readonly { fits: (answer: Answered) => boolean; means: (answer: Answered) => Cause }[] = [
  { fits: a => a.status >= 200 && a.status < 300, means: () => ({ cause: 'ok' }) },
  {
    fits: a => a.status === 429,
    means: a => ({ cause: 'busy', why: whyOf(a), waitMs: retryAfterMs(a.headers.retryAfter) }),
  },
  // A proxy answers 503 with Retry-After before it asks NetBox; without the header nobody knows how far the request got.
  {
    fits: a => a.status === 503 && a.headers.retryAfter !== undefined,
    means: a => ({ cause: 'busy', why: whyOf(a), waitMs: retryAfterMs(a.headers.retryAfter) }),
  },
  // After a 504 the worker goes on and may commit.
  { fits: a => [502, 503, 504].includes(a.status), means: a => ({ cause: 'lost', why: whyOf(a) }) },
  // 4.7 enforces DATA_UPLOAD_MAX_MEMORY_SIZE as a 500; 413 and 431 come from proxies and gunicorn.
  {
    fits: a => [413, 414, 431].includes(a.status) || exceptionOf(a) === 'RequestDataTooBig',
    means: a => ({ cause: 'tooBig', why: whyOf(a) }),
  },
  // There is no 401 in NetBox's API: what is wrong with a token is told by a 403's text (netbox/api/authentication.py).
  {
    fits: a =>
      a.status === 401 ||
      (a.status === 403 && /token|authentication credentials|source ip|user inactive/i.test(whyOf(a))),
    means: a => ({ cause: 'unauthorized', why: whyOf(a) }),
  },
  { fits: a => a.status === 412, means: a => ({ cause: 'stale', why: whyOf(a) }) },
  {
    fits: a => a.status === 500 && /maintenance mode|read-only transaction/i.test(whyOf(a)),
    means: a => ({ cause: 'maintenance', why: whyOf(a) }),
  },
  {
    fits: a =>
      a.status === 500 &&
      (/^(OperationalError|InterfaceError|AdminShutdown|DeadlockDetected)$/.test(exceptionOf(a) ?? '') ||
        /deadlock detected|terminating connection|not currently accepting connections|could not serialize/i.test(
          whyOf(a),
        )),
    means: a => ({ cause: 'rolledBack', why: whyOf(a) }),
  },
  { fits: () => true, means: a => ({ cause: 'badRows', why: whyOf(a), rows: badRowsOf(a.body) }) },
];

/** Says what an answer means. Pure: the table above, first row that fits. */
export function causeOf(answer: Answer): Cause {
  if (answer.kind === 'unsent') return { cause: 'down', why: answer.why };
  if (answer.kind === 'lost') return { cause: 'lost', why: answer.why };
  const row = table.find(({ fits }) => fits(answer));
  return row ? row.means(answer) : { cause: 'badRows', why: whyOf(answer), rows: [] };
}

/** NetBox's own words in an answer, on one line: its `detail`, its field errors, else the beginning of the page. */
export function whyOf(answer: Answer): string {
  if (answer.kind !== 'answered') return answer.why;
  const words = wordsOf(answer.body);
  if (words !== '') return words;
  const page = answer.text
    .replaceAll(/<style[\s\S]*?<\/style>|<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return `HTTP ${answer.status}${page ? `: ${page.slice(0, 160)}` : ''}`;
}

/** Flattens DRF's error shapes: `{"status":["x"]}` → `status: x`; `__all__` and `non_field_errors` lose their name. */
export function wordsOf(body: unknown): string {
  if (typeof body === 'string') return body.replaceAll(/\s+/g, ' ').trim().slice(0, 600);
  if (Array.isArray(body)) return [...new Set(body.map(wordsOf).filter(Boolean))].join('; ');
  if (typeof body !== 'object' || body === null) return '';
  const fields = body as Record<string, unknown>;
  if (typeof fields.detail === 'string') return fields.detail;
  if (typeof fields.error === 'string' && 'exception' in fields) return `${fields.exception}: ${wordsOf(fields.error)}`;
  return Object.entries(fields)
    .map(([name, inner]) => [name, wordsOf(inner)] as const)
    .filter(([, words]) => words !== '')
    .map(([name, words]) =>
      name === '__all__' || name === 'non_field_errors' || name === 'detail' ? words : `${name}: ${words}`,
    )
    .join('; ');
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  // Date.parse takes `-1` and `1.5` for dates.
  const at = /[a-z]{3}/i.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/**
 * How long to wait before the next attempt, milliseconds: as the server told, else our own pause; never beyond the end of our
 * patience (a proxy may say an hour), and never so short that `Retry-After: 0` becomes a storm.
 */
export function pauseBefore(toldMs: number | undefined, ownMs: number, leftMs: number): number {
  return Math.max(100, Math.min(toldMs ?? ownMs, leftMs));
}

/**
 * The rows that a refusal names. 4.7: `{"errors":[{"id"|"index","errors"}]}`. Before: creates answer an array aligned
 * with the request, `{}` for good rows; updates name nothing at all (trap 1).
 */
function badRowsOf(body: unknown): BadRow[] {
  const errors = (body as { errors?: unknown } | null)?.errors;
  if (Array.isArray(errors)) {
    return errors.flatMap((row: { id?: unknown; index?: unknown; errors?: unknown }): BadRow[] => {
      const why = wordsOf(row?.errors);
      if (typeof row?.id === 'number') return [{ id: row.id, why }];
      return typeof row?.index === 'number' ? [{ index: row.index, why }] : [];
    });
  }
  if (!Array.isArray(body) || !body.every(row => typeof row === 'object' && row !== null)) return [];
  return body.flatMap((row, index) => (Object.keys(row).length > 0 ? [{ index, why: wordsOf(row) }] : []));
}

function exceptionOf(answer: Answered): string | undefined {
  const exception = (answer.body as { exception?: unknown } | null)?.exception;
  return typeof exception === 'string' ? exception : undefined;
}
