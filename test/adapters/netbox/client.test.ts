import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openClient } from '../../../src/adapters/netbox/client.ts';
import { tlsTrouble } from '../../../src/adapters/netbox/tls.ts';
import { unwatched } from '../../../src/adapters/netbox/vigil.ts';

/** What stands in the place of NetBox and is none: there the system's and the driver's own errors come from. */
async function ask(scheme: string, behave: (socket: Socket) => void) {
  const server = createServer(socket => {
    socket.on('error', () => {});
    open.push(() => socket.destroy());
    behave(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  open.push(() => server.close());
  const { port } = server.address() as { port: number };
  return askAt(`${scheme}://127.0.0.1:${port}`);
}

async function askAt(url: string) {
  const client = openClient({
    url,
    token: 'x',
    timeoutMs: 200,
    connectTimeoutMs: 200,
    userAgent: 'bmtool-test',
    vigil: unwatched,
  });
  open.push(() => void client.close());
  return client.send('GET', 'status/');
}

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0).toReversed()) close();
});

test('one that says nothing', async () => {
  expect(await ask('http', () => {})).toEqual({ kind: 'lost', why: 'no answer within 0.2 s', timedOut: true });
});

test('one that hangs up', async () => {
  const answer = await ask('http', socket => socket.once('data', () => socket.destroy()));
  expect(answer).toEqual({ kind: 'lost', why: 'the server closed the connection', timedOut: false });
});

test('one that speaks something else', async () => {
  const answer = await ask('http', socket => socket.write('SSH-2.0-OpenSSH_9.9\r\n'));
  expect(answer).toEqual({ kind: 'lost', why: 'what answers there does not speak HTTP', timedOut: false });
});

test('none at all', async () => {
  expect(await askAt('http://127.0.0.1:9')).toEqual({ kind: 'unsent', why: 'nothing listens on 127.0.0.1:9' });
});

test('https to one that speaks http, and to one that says nothing', async () => {
  const plain = await ask('https', socket => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  expect(plain).toMatchObject({ kind: 'unsent', why: expect.stringContaining('does not speak https') });
  const silent = await ask('https', () => {});
  expect(silent).toMatchObject({
    kind: 'unsent',
    why: 'no answer within 0.2 s',
    next: expect.stringContaining('http'),
  });
});

test.each([
  ['CERT_HAS_EXPIRED', 'its certificate has expired (CERT_HAS_EXPIRED)', 'renewed'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet (CERT_NOT_YET_VALID)', 'clock'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'its certificate is self-signed, or', 'NODE_EXTRA_CA_CERTS='],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'its certificate is self-signed, or', 'NODE_EXTRA_CA_CERTS='],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'signed by nobody whom this machine trusts', 'intermediate'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'signed by nobody whom this machine trusts', 'NODE_EXTRA_CA_CERTS='],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is not for nbx.example (', 'NETBOX_URL'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'no secure connection (ERR_SSL_TLSV1_', 'curl -v'],
])('%s', (code, why, next) => {
  expect(tlsTrouble(code, 'nbx.example')).toEqual({
    why: expect.stringContaining(why),
    next: expect.stringContaining(next),
  });
});

test('what is not about TLS is left to others', () => {
  expect(tlsTrouble('ECONNREFUSED', 'nbx.example')).toBeUndefined();
});
