import { connect } from 'node:net';
import { parseReply } from '../adapters/redis/wire.ts';
import { loopback } from './running.ts';

/**
 * Sends one command to the lab's own Redis and gives its answer: text for strings, a number for integers, null for nothing.
 * Inline commands of the Redis protocol: enough for words without spaces. Rejects when nobody answers within two seconds.
 */
export function askRedis(port: number, command: string): Promise<string | number | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: loopback });
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(2000, () => socket.destroy(new Error('Redis does not answer')));
    socket.on('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const found = parseReply(text);
      if (found === undefined) return;
      socket.destroy();
      if (found.reply instanceof Error) reject(found.reply);
      else resolve(found.reply);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis closed the connection')));
  });
}
