import { connect } from 'node:net';
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
      const reply = parseReply(text);
      if (reply === undefined) return;
      socket.destroy();
      if (reply instanceof Error) reject(reply);
      else resolve(reply);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('Redis closed the connection')));
  });
}

/** One reply of RESP2; nothing while it is not complete. */
export function parseReply(text: string): string | number | null | Error | undefined {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const head = text.slice(1, end);
  switch (text[0]) {
    case '+':
      return head;
    case '-':
      return new Error(`Redis: ${head}`);
    case ':':
      return Number(head);
    case '$': {
      const length = Number(head);
      if (length < 0) return null;
      const body = text.slice(end + 2);
      return body.length < length + 2 ? undefined : body.slice(0, length);
    }
    default:
      return new Error('Redis: not a Redis');
  }
}
