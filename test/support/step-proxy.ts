import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Where in a step something happens to whoever takes it: not yet passed on, passed on and at work, answered (which nobody hears). */
export type Moment = 'before' | 'during' | 'after';

export type Strike = {
  /** The step that is struck, from 1. */
  readonly step: number;
  /** Counts only steps that say this. */
  readonly of?: RegExp;
  readonly moment: Moment;
  readonly act: () => void;
};

/** Reads one side's messages out of what arrives in pieces: each whole message with what it says. */
type Reader = (bytes: Buffer) => { readonly message: Buffer; readonly says: string }[];

type Protocol = {
  readonly client: () => Reader;
  /** Whether a message of the client's changes something. */
  readonly isStep: (says: string) => boolean;
  /** Sent behind a step to know that it was answered; nothing where the answer tells by itself. */
  readonly marker: Buffer | undefined;
  readonly isAnswer: (bytes: Buffer) => boolean;
};

export type StepProxy = AsyncDisposable & {
  readonly port: number;
  /** Strikes once, counting from here; with nothing, all goes through. */
  arm(strike?: Strike): void;
  /** What the step said that was struck last; nothing when none was since `arm` with a strike. */
  readonly struck: string | undefined;
};

/** Stands between bmtool and a real service and counts what changes something there. At one of these steps it lets something happen. */
export async function openStepProxy(target: number, protocol: Protocol): Promise<StepProxy> {
  let steps = 0;
  let struck: string | undefined;
  let strike: Strike | undefined;
  const sockets = new Set<Socket>();
  const server = createServer(near => {
    const far = connect({ port: target, host: '127.0.0.1' });
    const read = protocol.client();
    let isStruck = false;
    let awaited: Strike | undefined;
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes: Buffer) => {
      for (const { message, says } of read(bytes)) {
        if (isStruck) return;
        if (!protocol.isStep(says)) {
          far.write(message);
          continue;
        }
        if (strike?.of === undefined || strike.of.test(says)) steps++;
        else {
          far.write(message);
          continue;
        }
        if (strike?.step !== steps) {
          far.write(message);
          continue;
        }
        isStruck = true;
        struck = says.replaceAll(/\s+/g, ' ').slice(0, 100);
        const { moment, act } = strike;
        if (moment !== 'before') far.write(message);
        if (moment === 'after') {
          awaited = strike;
          if (protocol.marker !== undefined) far.write(protocol.marker);
        } else act();
      }
    });
    far.on('data', (bytes: Buffer) => {
      if (!isStruck) return void near.write(bytes);
      if (awaited === undefined || !protocol.isAnswer(bytes)) return;
      awaited.act();
      awaited = undefined;
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get struck() {
      return struck;
    },
    arm(next) {
      strike = next;
      steps = 0;
      if (next !== undefined) struck = undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: the first message has no type, all others a byte and their length. */
export const postgresProtocol: Protocol = {
  client() {
    let rest = Buffer.alloc(0);
    let isFirst = true;
    return bytes => {
      rest = Buffer.concat([rest, bytes]);
      const messages: { message: Buffer; says: string }[] = [];
      for (;;) {
        const head = isFirst ? 0 : 1;
        if (rest.length < head + 4) return messages;
        const length = head + rest.readUInt32BE(head);
        if (rest.length < length) return messages;
        const message = rest.subarray(0, length);
        const type = isFirst ? '' : String.fromCharCode(message[0] ?? 0);
        // Simple queries, and those that come with parameters: the name of the statement, empty here, and its text.
        const says = type === 'Q' ? message.toString('utf8', 5) : type === 'P' ? message.toString('utf8', 6) : '';
        messages.push({ message, says });
        rest = rest.subarray(length);
        isFirst = false;
      }
    };
  },
  isStep: says => /^\s*(ALTER|CREATE|DROP|COMMENT|BEGIN|GRANT|REVOKE)\b/i.test(says),
  marker: undefined,
  // ReadyForQuery, always the last: Z, its length, and whether a transaction is open.
  isAnswer: bytes => bytes.toString('hex', bytes.length - 6, bytes.length - 1) === '5a00000005',
};

/** https://redis.io/docs/latest/develop/reference/protocol-spec/: clients send arrays of bulk strings. */
export const redisProtocol: Protocol = {
  client() {
    let rest = Buffer.alloc(0);
    let isInTransaction = false;
    return bytes => {
      rest = Buffer.concat([rest, bytes]);
      const messages: { message: Buffer; says: string }[] = [];
      for (;;) {
        const command = readCommand(rest);
        if (command === undefined) return messages;
        const [name = '', ...words] = command.words;
        const upper = name.toUpperCase();
        if (upper === 'MULTI') isInTransaction = true;
        if (upper === 'EXEC') isInTransaction = false;
        const says = isInTransaction ? '' : [upper, ...words.filter(word => word.length < 60)].join(' ');
        messages.push({ message: rest.subarray(0, command.length), says });
        rest = rest.subarray(command.length);
      }
    };
  },
  isStep: says => /^(SET|DEL|UNLINK|EVAL|LREM|LPUSH|RPUSH|HSET|ZADD|ZREM|SADD|EXEC|FLUSH\w*)\b/.test(says),
  marker: Buffer.from('*2\r\n$4\r\nECHO\r\n$13\r\nstep-answered\r\n'),
  isAnswer: bytes => bytes.includes('step-answered'),
};

function readCommand(bytes: Buffer): { words: string[]; length: number } | undefined {
  const line = (from: number) => {
    const end = bytes.indexOf('\r\n', from);
    return end === -1 ? undefined : { number: Number(bytes.toString('latin1', from + 1, end)), next: end + 2 };
  };
  const head = line(0);
  if (head === undefined) return undefined;
  const words: string[] = [];
  let at = head.next;
  for (let i = 0; i < head.number; i++) {
    const size = line(at);
    if (size === undefined || bytes.length < size.next + size.number + 2) return undefined;
    words.push(bytes.toString('utf8', size.next, size.next + size.number));
    at = size.next + size.number + 2;
  }
  return { words, length: at };
}
