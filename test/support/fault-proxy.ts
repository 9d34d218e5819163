import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What to do with one request on its way to the real service. */
export type Fault =
  | { readonly kind: 'pass' }
  /** Answer in the service's place, which never sees the request. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** The service never sees it; the client waits for an answer in vain. */
  | { readonly kind: 'silence' }
  /** The service never sees it; the client's connection breaks. */
  | { readonly kind: 'drop' }
  /** The service does it; its answer is lost on the way back. */
  | { readonly kind: 'lose-answer'; readonly answer?: number };

export type Seen = {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
};

/** A proxy in front of a real service that can break single requests; `seen` is the traffic as the client sent it. */
export async function openFaultProxy(target: string, decide: (seen: Seen, count: number) => Fault) {
  const seen: Seen[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const one: Seen = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      body: Buffer.concat(chunks).toString(),
      headers: incoming.headers,
    };
    seen.push(one);
    const fault = decide(one, seen.length);
    if (fault.kind === 'silence') return;
    if (fault.kind === 'drop') return void incoming.socket.destroy();
    if (fault.kind === 'answer') {
      outgoing.writeHead(fault.status, fault.headers ?? {});
      return void outgoing.end(fault.body ?? '');
    }
    const onward = request(
      `${target}${one.path}`,
      { method: one.method, headers: { ...incoming.headers, connection: 'close' } },
      answer => {
        if (fault.kind === 'lose-answer') {
          answer.resume();
          answer.on('end', () => {
            if (fault.answer === undefined) return void incoming.socket.destroy();
            outgoing.writeHead(fault.answer, { 'content-type': 'text/html' });
            outgoing.end('<html><body>gateway time-out</body></html>');
          });
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => incoming.socket.destroy());
    onward.end(one.body);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
