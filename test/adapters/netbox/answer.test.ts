import { describe, expect, it } from 'vitest';
import {
  type Answer,
  type AnswerHeaders,
  causeOf,
  pauseBefore,
  retryAfterMs,
  whyOf,
  wordsOf,
} from '../../../src/adapters/netbox/answer.ts';

function json(status: number, body: unknown, headers: AnswerHeaders = {}): Answer {
  return { kind: 'answered', status, body, text: JSON.stringify(body), headers };
}

function html(status: number, text: string, headers: AnswerHeaders = {}): Answer {
  return { kind: 'answered', status, body: undefined, text, headers };
}

/** As gunicorn writes them. */
const gunicorn = (status: number, title: string) =>
  html(
    status,
    `<html>\n  <head>\n    <title>${title}</title>\n  </head>\n  <body>\n    <h1><p>${title}</p></h1>\n    \n  </body>\n</html>\n`,
  );

/** Answers as they were seen: which NetBox, what it said, what bmtool makes of it. */
const answers: readonly (readonly [name: string, answer: Answer, cause: unknown])[] = [
  ['200 of a list', json(200, [{ id: 63 }]), { cause: 'ok' }],
  ['201', json(201, [{ id: 64 }]), { cause: 'ok' }],
  ['204 of a delete', html(204, ''), { cause: 'ok' }],
  [
    '4.7, one of three rows is wrong',
    json(400, {
      detail: '1 of 3 objects could not be updated.',
      errors: [{ id: 64, errors: { status: ['bogus is not a valid choice.'] } }],
    }),
    {
      cause: 'badRows',
      why: '1 of 3 objects could not be updated.',
      rows: [{ id: 64, why: 'status: bogus is not a valid choice.' }],
    },
  ],
  [
    '4.7, rows of a create by index',
    json(400, {
      detail: '2 of 3 objects could not be created.',
      errors: [
        { index: 1, errors: { address: ['Invalid IP address format: bogus'] } },
        { index: 2, errors: { __all__: ['x', 'y'] } },
      ],
    }),
    {
      cause: 'badRows',
      rows: [
        { index: 1, why: 'address: Invalid IP address format: bogus' },
        { index: 2, why: 'x; y' },
      ],
    },
  ],
  [
    '4.7, an id that is gone',
    json(400, {
      detail: '1 of 2 objects could not be found.',
      errors: [{ id: 563, errors: { id: ['Object with ID 563 does not exist'] } }],
    }),
    { cause: 'badRows', rows: [{ id: 563, why: 'id: Object with ID 563 does not exist' }] },
  ],
  [
    '4.7, a protected delete',
    json(409, {
      detail: '1 of 1 objects could not be deleted.',
      errors: [{ id: 1, errors: { __all__: ['Unable to delete: 22 dependent object(s) prevent deletion.'] } }],
    }),
    { cause: 'badRows', rows: [{ id: 1, why: 'Unable to delete: 22 dependent object(s) prevent deletion.' }] },
  ],
  [
    '4.7, a row moved out of what the token may see',
    json(403, {
      detail: '1 of 1 objects could not be updated.',
      errors: [{ id: 63, errors: { __all__: ['You do not have permission to perform this action on this object.'] } }],
    }),
    { cause: 'badRows', rows: [{ id: 63, why: 'You do not have permission to perform this action on this object.' }] },
  ],
  [
    'before 4.7, creates: an array beside the request',
    json(400, [{}, { mac_address: ['Invalid MAC address format: aa:bb'] }, {}]),
    { cause: 'badRows', rows: [{ index: 1, why: 'mac_address: Invalid MAC address format: aa:bb' }] },
  ],
  [
    'before 4.7, updates: the bare error of the first bad row',
    json(400, { status: ['foo is not a valid choice.'] }),
    { cause: 'badRows', why: 'status: foo is not a valid choice.', rows: [] },
  ],
  [
    'before 4.7, non-field errors',
    json(400, { non_field_errors: ['The fields device, name must make a unique set.'] }),
    { cause: 'badRows', why: 'The fields device, name must make a unique set.', rows: [] },
  ],
  [
    'a list of sentences',
    json(400, ["'start' and 'offset' are mutually exclusive."]),
    { cause: 'badRows', why: "'start' and 'offset' are mutually exclusive.", rows: [] },
  ],
  [
    'a read-only token',
    json(403, { detail: 'You do not have permission to perform this action.' }),
    { cause: 'badRows', why: 'You do not have permission to perform this action.', rows: [] },
  ],
  [
    'a cable to nowhere',
    json(500, {
      error: 'Interface matching query does not exist.',
      exception: 'DoesNotExist',
      netbox_version: '4.7.3',
    }),
    { cause: 'badRows', why: 'DoesNotExist: Interface matching query does not exist.', rows: [] },
  ],
  [
    '429, seconds',
    json(429, { detail: 'Request was throttled.' }, { retryAfter: '7' }),
    { cause: 'busy', waitMs: 7000, why: 'Request was throttled.' },
  ],
  ['429 without advice', html(429, 'slow down'), { cause: 'busy', waitMs: undefined }],
  [
    '503 of a proxy with Retry-After',
    html(503, 'maintenance', { retryAfter: '30' }),
    { cause: 'busy', waitMs: 30_000 },
  ],
  ['503 without', html(503, '<h1>Service Unavailable</h1>'), { cause: 'lost', why: 'HTTP 503: Service Unavailable' }],
  [
    '502 of nginx',
    html(
      502,
      '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n',
    ),
    { cause: 'lost', why: 'HTTP 502: 502 Bad Gateway 502 Bad Gateway nginx' },
  ],
  ['504', html(504, ''), { cause: 'lost', why: 'HTTP 504' }],
  [
    'a body over DATA_UPLOAD_MAX_MEMORY_SIZE',
    json(500, { error: 'Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.', exception: 'RequestDataTooBig' }),
    { cause: 'tooBig', why: 'RequestDataTooBig: Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.' },
  ],
  ['413 of a proxy', html(413, '<h1>Request Entity Too Large</h1>'), { cause: 'tooBig' }],
  ['431 of gunicorn', gunicorn(431, 'Request Header Fields Too Large'), { cause: 'tooBig' }],
  ['412', json(412, { detail: 'Precondition failed.' }), { cause: 'stale', why: 'Precondition failed.' }],
  [
    'a deadlock',
    json(500, {
      error: 'deadlock detected\nDETAIL:  Process 71 waits for ShareLock on transaction 9; blocked by process 72.',
      exception: 'OperationalError',
    }),
    { cause: 'rolledBack' },
  ],
  [
    'a deadlock by another name',
    json(500, { error: 'deadlock detected', exception: 'DeadlockDetected' }),
    { cause: 'rolledBack' },
  ],
  [
    'PostgreSQL restarted',
    json(500, { error: 'terminating connection due to administrator command', exception: 'AdminShutdown' }),
    { cause: 'rolledBack' },
  ],
  [
    'a database that is being swapped',
    json(500, { error: 'database "netbox" is not currently accepting connections', exception: 'OperationalError' }),
    { cause: 'rolledBack' },
  ],
  [
    'maintenance mode, 4.6.5 and later',
    json(500, {
      error:
        'NetBox is currently operating in maintenance mode and is unable to perform write operations. Please try again later.',
      exception: 'InternalError',
    }),
    { cause: 'maintenance' },
  ],
  [
    'maintenance mode, before',
    json(500, { error: 'cannot execute UPDATE in a read-only transaction', exception: 'InternalError' }),
    { cause: 'maintenance' },
  ],
  [
    'a message of 201 characters',
    json(500, { error: 'value too long for type character varying(200)', exception: 'DataError' }),
    { cause: 'badRows', rows: [] },
  ],
  [
    'Bad Request of gunicorn',
    gunicorn(400, 'Bad Request'),
    { cause: 'badRows', why: 'HTTP 400: Bad Request Bad Request', rows: [] },
  ],
  [
    'never sent',
    { kind: 'unsent', why: 'ECONNREFUSED 127.0.0.1:8000' },
    { cause: 'down', why: 'ECONNREFUSED 127.0.0.1:8000' },
  ],
  [
    'sent, never answered',
    { kind: 'lost', why: 'no answer in time', timedOut: true },
    { cause: 'lost', why: 'no answer in time' },
  ],
];

describe('causeOf', () => {
  it.each(answers)('%s', (_, answer, cause) => {
    expect(causeOf(answer)).toMatchObject(cause as object);
  });
});

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-21T07:00:00Z');

  it.each([
    ['nothing', undefined, undefined],
    ['seconds', '120', 120_000],
    ['no seconds', '0', 0],
    ['a date', 'Sat, 21 Nov 2026 07:00:30 GMT', 30_000],
    ['a date that is past', 'Sat, 21 Nov 2026 06:00:00 GMT', 0],
    ['nonsense', 'soon', undefined],
    // Date.parse takes these for years and days.
    ['a fraction', '1.5', undefined],
    ['a negative number', '-1', undefined],
  ])('%s', (_, header, ms) => {
    expect(retryAfterMs(header, nowMs)).toBe(ms);
  });
});

describe('the pause before the next attempt', () => {
  it.each([
    ['is our own when the server says nothing', undefined, 250, 60_000, 250],
    ['is what the server says', 7000, 250, 60_000, 7000],
    ['is never so short that it is a storm', 0, 250, 60_000, 100],
    ['is never longer than our patience', 3_600_000, 250, 60_000, 60_000],
    ['fits into a timer', 2 ** 40, 250, 120_000, 120_000],
  ])('%s', (_, toldMs, ownMs, leftMs, ms) => {
    expect(pauseBefore(toldMs, ownMs, leftMs)).toBe(ms);
  });
});

describe('words', () => {
  it.each([
    [{ detail: 'Invalid v2 token' }, 'Invalid v2 token'],
    [{ detail: ['a', 'b'] }, 'a; b'],
    [{ a_terminations: { '0': { __all__: ['Expected a dictionary'] } } }, 'a_terminations: 0: Expected a dictionary'],
    [
      { custom_fields: { x: "Custom field 'x' does not exist for this object type." } },
      "custom_fields: x: Custom field 'x' does not exist for this object type.",
    ],
    [['same', 'same'], 'same'],
    ['line\n  break', 'line break'],
    [null, ''],
    [undefined, ''],
    [42, ''],
    [{}, ''],
  ])('%j', (body, words) => {
    expect(wordsOf(body)).toBe(words);
  });

  it('are cut when somebody sends a novel', () => {
    expect(wordsOf('x'.repeat(10_000)).length).toBeLessThanOrEqual(600);
    expect(whyOf(html(500, `<style>body{}</style><p>${'y'.repeat(10_000)}</p>`)).length).toBeLessThan(200);
  });
});
