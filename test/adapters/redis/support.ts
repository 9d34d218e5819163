import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { createClient } from '@redis/client';
import { onTestFinished } from 'vitest';
import type { RedisOptions } from '../../../src/adapters/redis/connection.ts';
import { openRedis } from '../../../src/adapters/redis/redis.ts';
import { findFreePort } from '../../../src/lab/ports.ts';
import { eventually } from '../../lab/support.ts';
import { labEnv } from '../../support/lab-env.ts';

/** Where the tests' lab has its Redis. */
export function labRedis() {
  const { REDIS_HOST = '', REDIS_PORT = '' } = labEnv();
  return { host: REDIS_HOST, port: Number(REDIS_PORT), password: '', timeoutMs: 10_000 };
}

/** The adapter, closed at the end of the test. */
export async function open(options: RedisOptions = labRedis()) {
  const redis = await openRedis(options);
  onTestFinished(() => redis.close());
  return redis;
}

/** A plain client, past bmtool; closed at the end of the test. */
export async function plainClient(where: { host: string; port: number } = labRedis()) {
  const client = createClient({ socket: { host: where.host, port: where.port, reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.destroy());
  return client;
}

let count = 0;

/** A key that no other test has; gone at the end of the test. */
export async function ownKey(): Promise<string> {
  const key = `bmtool-test:${process.pid}:${++count}`;
  const client = await plainClient();
  onTestFinished(async () => void (await client.del(key)));
  return key;
}

/** A Redis of the test's own, that it may kill, stop and start again; the same program as the lab's. */
export async function ownRedis(...options: string[]) {
  const info = await (await plainClient()).info('server');
  const program = /^executable:(\S+)/m.exec(info)?.[1] ?? '';
  const port = await findFreePort();
  let child: ChildProcess;
  const start = async () => {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', ...options];
    child = spawn(program, args, { stdio: 'ignore' });
    await eventually(() => takesConnections(port));
  };
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  onTestFinished(kill);
  return {
    where: { host: '127.0.0.1', port, password: '', timeoutMs: 10_000 },
    start,
    kill,
    /** Stands still, as a machine does that swaps: it takes connections and answers nothing. */
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

/** A server on a port of this machine, gone at the end of the test. */
export async function listen(port: number, onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  };
  onTestFinished(close);
  return { close };
}

/** A line to `where` that can go dead without a word, as behind a firewall that forgot it. */
export async function openLine(where: RedisOptions) {
  const port = await findFreePort();
  const ends = new Set<Socket>();
  await listen(port, near => {
    const far = connect({ port: where.port, host: where.host });
    far.on('error', () => {});
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
    ends.add(near).add(far);
  });
  return {
    where: { ...where, host: '127.0.0.1', port },
    /** The connections of now pass nothing on any more; new ones do. */
    silence: () => {
      for (const socket of ends) socket.unpipe().pause();
    },
  };
}

function takesConnections(port: number): Promise<true | undefined> {
  return new Promise(resolve => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(undefined));
    socket.once('connect', () => socket.destroy());
  });
}
