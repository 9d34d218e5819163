import { connect } from 'node:net';
import { closedText, silenceText } from '../../core/unreachable.ts';
import type { RedisOptions } from './connection.ts';

/** What Redis answers one command with: text, a number, nothing, or its refusal. */
export type Reply = string | number | null | Error;

/**
 * Asks a few commands over a connection of its own and gives a reply for each: for a look, where loading the driver would take longer than
 * all that is asked. Rejects when Redis cannot be reached or does not answer in time.
 */
export function askPlainly(
  { host, port, username, password, timeoutMs }: RedisOptions,
  commands: readonly (readonly string[])[],
): Promise<Reply[]> {
  const greeting = password === '' ? [] : [['AUTH', ...(username ? [username] : []), password]];
  const all = [...greeting, ...commands];
  const answered = new Promise<Reply[]>((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(silenceText(timeoutMs))), timeoutMs);
    let text = '';
    // A character for each byte, as Redis counts them.
    socket.setEncoding('latin1');
    socket.on('connect', () => socket.write(all.map(commandText).join('')));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const replies = parseReplies(text, all.length);
      if (replies === undefined) return;
      socket.destroy();
      resolve(replies);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      reject(new Error(closedText));
    });
  });
  return answered.then(replies => {
    const refused = replies.slice(0, greeting.length).find(reply => reply instanceof Error);
    if (refused) throw refused;
    return replies.slice(greeting.length);
  });
}

function commandText(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** So many replies; nothing while they are not complete. */
function parseReplies(text: string, count: number): Reply[] | undefined {
  const replies: Reply[] = [];
  for (let rest = text; replies.length < count; ) {
    const found = parseReply(rest);
    if (found === undefined) return undefined;
    replies.push(found.reply);
    rest = rest.slice(found.length);
  }
  return replies;
}

/** The first reply of RESP2 in a text, and how long it is; nothing while it is not complete. Arrays are none of those that are asked for. */
export function parseReply(text: string): { readonly reply: Reply; readonly length: number } | undefined {
  const end = text.indexOf('\r\n');
  if (end < 0) return undefined;
  const head = text.slice(1, end);
  const length = end + 2;
  switch (text[0]) {
    case '+':
      return { reply: head, length };
    case '-':
      return { reply: new RedisRefusal(head), length };
    case ':':
      return { reply: Number(head), length };
    case '$': {
      const size = Number(head);
      if (size < 0) return { reply: null, length };
      const whole = length + size + 2;
      return text.length < whole ? undefined : { reply: text.slice(length, length + size), length: whole };
    }
    default:
      return { reply: new Error('what answers there is not a Redis'), length: text.length };
  }
}

/** Redis's own no, in its words. */
export class RedisRefusal extends Error {}
