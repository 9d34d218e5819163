import { appendFileSync, existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { DhcpServer } from '../../../src/core/lease.ts';
import { keaHeader } from './fixture.ts';

/** What a DHCP server does with its lease file, and the facts that follow from it: as a real one writes them, seconds counted by the test. */
export type LeaseWriter = {
  readonly path: string;
  /** Ids of all that happened, in order. */
  readonly facts: readonly string[];
  /** Who has which address, with the end of the lease: `mac/end`. */
  readonly held: ReadonlyMap<string, string>;
  grant(client: number, host: number): void;
  /** Gives an address back; nothing where nobody has it. */
  release(host: number): void;
  expire(host: number): void;
  /** Writes only a part of the next record; its rest comes with the next thing that happens. */
  tearNext(bytes: number): void;
  /** Writes what was torn to its end. */
  mend(): void;
  /** dhcpd: a new file over the old one. Kea: the old file is renamed, a new one begun. */
  replace(): void;
  /** Kea: the renamed file is merged into what was there before, without what is over. */
  compact(): void;
};

export const macOf = (client: number) => `94:40:C9:00:00:${client.toString(16).padStart(2, '0').toUpperCase()}`;
export const addressOf = (host: number) => `192.0.2.${host}`;

type Held = { client: number; began: number; ends: number };

export function writerOf(server: 'isc' | 'kea' | 'dnsmasq', path: string, startSecond: number): LeaseWriter {
  const writers = { isc: iscWriter, kea: keaWriter, dnsmasq: dnsmasqWriter } as const;
  return writers[server](path, startSecond);
}

/** The part that is the same for all: `record` makes the text of what happened, `put` brings it into the file. */
function common(
  server: DhcpServer,
  path: string,
  startSecond: number,
  record: (host: number, held: Held, over: 'released' | 'expired' | undefined, now: number) => string,
) {
  const leases = new Map<number, Held>();
  const facts: string[] = [];
  let now = startSecond;
  let torn = '';
  let tearAt: number | undefined;
  const put = (text: string) => {
    const whole = torn + text;
    torn = '';
    const at = tearAt === undefined ? whole.length : Math.min(tearAt, whole.length);
    tearAt = undefined;
    torn = whole.slice(at);
    appendFileSync(path, whole.slice(0, at), 'latin1');
  };
  const over = (host: number, kind: 'released' | 'expired') => {
    const held = leases.get(host);
    if (held === undefined) return;
    now += 1;
    leases.delete(host);
    const end = kind === 'released' && server === 'isc' ? now : held.ends;
    facts.push(`${kind}/${macOf(held.client)}/${addressOf(host)}/${end}`);
    put(record(host, held, kind, now));
  };
  return {
    leases,
    hasTorn: () => torn !== '',
    writer: {
      path,
      facts,
      get held() {
        return new Map([...leases].map(([host, { client, ends }]) => [addressOf(host), `${macOf(client)}/${ends}`]));
      },
      grant(client: number, host: number) {
        now += 1;
        const held = { client, began: now, ends: now + 3600 };
        leases.set(host, held);
        facts.push(`granted/${macOf(client)}/${addressOf(host)}/${held.ends}`);
        put(record(host, held, undefined, now));
      },
      release: (host: number) => over(host, 'released'),
      expire: (host: number) => over(host, 'expired'),
      tearNext(bytes: number) {
        tearAt = bytes;
      },
      mend() {
        tearAt = undefined;
        put('');
      },
    },
  };
}

function iscWriter(path: string, startSecond: number): LeaseWriter {
  const head =
    '# The format of this file is documented in the dhcpd.leases(5) manual page.\n\nserver-duid "\\000\\001{";\n\n';
  const last = new Map<number, string>();
  const date = (seconds: number) => {
    const text = new Date(seconds * 1000).toISOString();
    return `${new Date(seconds * 1000).getUTCDay()} ${text.slice(0, 10).replaceAll('-', '/')} ${text.slice(11, 19)}`;
  };
  const parts = common('isc', path, startSecond, (host, { client, began, ends }, over, now) => {
    const text = `lease ${addressOf(host)} {
  starts ${date(began)};
  ends ${date(over === 'released' ? now : ends)};
  cltt ${date(began)};
  binding state ${over ? 'free' : 'active'};
  hardware ethernet ${macOf(client).toLowerCase()};
${over ? '' : '  client-hostname "a\\"}";\n  on release {\n    execute ("/x", "}");\n  }\n'}}
`;
    last.set(host, text);
    return text;
  });
  writeFileSync(path, head);
  return {
    ...parts.writer,
    get held() {
      return parts.writer.held;
    },
    replace() {
      parts.writer.mend();
      writeFileSync(`${path}.new`, head + [...last.values()].join(''));
      rmSync(`${path}~`, { force: true });
      linkSync(path, `${path}~`);
      renameSync(`${path}.new`, path);
    },
    compact() {},
  };
}

function keaWriter(path: string, startSecond: number): LeaseWriter {
  const parts = common('kea', path, startSecond, (host, { client, began, ends }, over) => {
    const [lifetime, end, state] = over === 'released' ? [0, began, 0] : [ends - began, ends, over ? 2 : 0];
    return `${addressOf(host)},${macOf(client).toLowerCase()},,${lifetime},${end},1,0,0,h&#x2c${client},${state},\n`;
  });
  writeFileSync(path, `${keaHeader}\n`);
  return {
    ...parts.writer,
    get held() {
      return parts.writer.held;
    },
    replace() {
      if (existsSync(`${path}.1`)) return;
      parts.writer.mend();
      renameSync(path, `${path}.1`);
      writeFileSync(path, `${keaHeader}\n`);
    },
    compact() {
      if (!existsSync(`${path}.1`)) return;
      const last = new Map<string, string>();
      for (const part of [`${path}.2`, `${path}.1`].filter(name => existsSync(name)))
        for (const line of readFileSync(part, 'utf8').split('\n').slice(1, -1))
          last.set(line.split(',')[0] ?? '', line);
      const kept = [...last.values()].filter(line => line.split(',')[3] !== '0');
      writeFileSync(`${path}.output`, `${[keaHeader, ...kept].join('\n')}\n`);
      renameSync(`${path}.output`, `${path}.completed`);
      rmSync(`${path}.2`, { force: true });
      rmSync(`${path}.1`);
      renameSync(`${path}.completed`, `${path}.2`);
    },
  };
}

function dnsmasqWriter(path: string, startSecond: number): LeaseWriter {
  const parts = common('dnsmasq', path, startSecond, () => '');
  writeFileSync(path, '');
  const write = () => {
    // In place, as dnsmasq does it: the file is empty for a moment.
    writeFileSync(path, '');
    const lines = [...parts.leases].map(
      ([host, { client, ends }]) => `${ends} ${macOf(client).toLowerCase()} ${addressOf(host)} h${client} *\n`,
    );
    writeFileSync(path, lines.join(''));
  };
  const then =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A) => {
      act(...args);
      write();
    };
  return {
    ...parts.writer,
    get held() {
      return parts.writer.held;
    },
    grant: then(parts.writer.grant),
    release: then(parts.writer.release),
    expire: then(parts.writer.expire),
    tearNext() {},
    mend() {},
    replace() {},
    compact() {},
  };
}
