import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { Failure } from './core/failure.ts';
import { homeOf } from './files/home.ts';

/** Every setting, by its environment name. To add one, add a row. */
const table = {
  NETBOX_URL: { fallback: 'http://localhost:8000', says: 'where NetBox is, also with a path prefix' },
  NETBOX_TOKEN: {
    fallback: '0123456789abcdef0123456789abcdef01234567',
    says: 'v1 or v2 token (nbt_...); the default is the public demo token',
    secret: true,
  },
  REDIS_HOST: { fallback: 'localhost', says: 'the discovery queue' },
  REDIS_PORT: { fallback: '6380', says: 'the discovery queue' },
  REDIS_USERNAME: { fallback: '', says: 'where the password is that of a user of its own (ACL)' },
  REDIS_PASSWORD: { fallback: '', says: 'none by default', secret: true },
  REDIS_QUEUE: { fallback: 'netbox:bmc:discovered', says: 'key of the discovery queue' },
  NETBOX_TASKS_URL: {
    fallback: '',
    says: "NetBox's Redis for background jobs (redis://user:password@host:port/0); default: the queue's, database 0",
    secret: true,
  },
  NETBOX_CACHE_URL: {
    fallback: '',
    says: "NetBox's Redis for its cache (redis://:password@host:port/1); default: the queue's, database 1",
    secret: true,
  },
  PGHOST: { fallback: 'localhost', says: "NetBox's database, for snapshots" },
  PGPORT: { fallback: '5432', says: "NetBox's database" },
  PGUSER: { fallback: 'netbox', says: "NetBox's database" },
  PGPASSWORD: { fallback: 'netbox', says: 'else ~/.pgpass', secret: true },
  PGDATABASE: { fallback: 'netbox', says: "NetBox's database" },
  BMTOOL_PG_BIN: {
    fallback: '',
    says: 'folder with pg_dump and pg_restore; default: PATH and the usual places',
  },
  BMTOOL_SERVER_ROLE: { fallback: 'Server', says: 'a device is a server when the name of its role contains this' },
  BMTOOL_BMC_INTERFACES: {
    fallback: 'bmc,ilo,idrac',
    says: "an interface is a BMC's when its name contains one of these, in any case",
  },
  BMTOOL_BMC_PREFIX: { fallback: '', says: 'where BMC addresses come from; default: the prefix whose role is "bmc"' },
  BMTOOL_STATUS_MAP: { fallback: 'discovered=planned', says: 'lifecycle name = NetBox status, comma-separated' },
  BMTOOL_STATE_DIR: { fallback: '', says: 'runs, spool, lab; default: $XDG_STATE_HOME/bmtool' },
  BMTOOL_SPOOL_DIR: {
    fallback: '',
    says: 'where lease events wait for the worker; default: spool in BMTOOL_STATE_DIR',
  },
  BMTOOL_PROTECTED: {
    fallback: 'off',
    says: 'on: commands that reset or replace state refuse without --yes where nobody can be asked',
  },
} as const satisfies Record<string, { fallback: string; says: string; secret?: boolean }>;

export type SettingName = keyof typeof table;
export const settingNames = Object.keys(table) as SettingName[];

/** Where a value came from, in the order in which they win. */
export type Origin = 'flag' | 'environment' | '.env' | 'lab' | 'default';
export type Setting = {
  readonly name: SettingName;
  readonly value: string;
  readonly origin: Origin;
  readonly secret: boolean;
  readonly says: string;
};

/** The settings of one run, each with its origin. Values that never change while bmtool runs. */
export type Settings = {
  readonly all: readonly Setting[];
  get(name: SettingName): string;
  readonly netboxUrl: string;
  readonly stateDir: string;
  readonly bmcInterfaces: readonly string[];
  readonly statusMap: Readonly<Record<string, string>>;
  readonly protected: boolean;
  /** What a Redis URL says; nothing when it is empty. */
  redisAt(name: 'NETBOX_TASKS_URL' | 'NETBOX_CACHE_URL'): Partial<RedisAddress>;
};

export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly database: number;
};

export type SettingSources = {
  readonly flags: Partial<Record<SettingName, string>>;
  readonly env: NodeJS.ProcessEnv;
  /** The folder whose `.env` counts. */
  readonly cwd: string;
  /** What a running lab offers, given the state directory; read only when nothing else says where NetBox is. */
  readonly lab: (stateDir: string) => Partial<Record<string, string>> | undefined;
};

/** `--netbox-url` for NETBOX_URL. Secrets have no flag: arguments are visible to every user of the machine. */
export function flagOf(name: SettingName): string | undefined {
  if (isSecret(name)) return undefined;
  return `--${name
    .replace(/^BMTOOL_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`;
}

/** Flags that override settings. */
export function settingFlags(): { name: SettingName; flag: string; says: string }[] {
  return settingNames.flatMap(name => {
    const flag = flagOf(name);
    return flag ? [{ name, flag, says: settingText(name) }] : [];
  });
}

export function settingText(name: SettingName): string {
  return table[name].says;
}

export function fallbackOf(name: SettingName): string {
  return table[name].fallback;
}

/** Never shown, and never a flag. */
export function isSecret(name: SettingName): boolean {
  return 'secret' in table[name];
}

/** A URL in the form in which a lab's is: people type `localhost`, and a slash at the end. */
function placeOf(url: string): string {
  return url.replace(/^http:\/\/localhost(?=[:/]|$)/i, 'http://127.0.0.1').replace(/\/+$/, '');
}

/** Flags > environment > `.env` > a running lab > defaults. Throws `Failure` (exit 2) for values that cannot be. */
export function readSettings(sources: SettingSources): Settings {
  const dotenv = readDotenv(join(sources.cwd, '.env'));
  const env = { ...fromDatabaseUrl(sources.env.DATABASE_URL, 'DATABASE_URL'), ...nonEmpty(sources.env) };
  const layers: [Origin, Partial<Record<string, string>>][] = [
    ['flag', sources.flags],
    ['environment', env],
    ['.env', { ...fromDatabaseUrl(dotenv.DATABASE_URL, 'DATABASE_URL in .env'), ...dotenv }],
  ];
  const above = (name: SettingName) => layers.map(([, values]) => values[name]).find(value => value !== undefined);
  const stateDir = above('BMTOOL_STATE_DIR') ?? defaultStateDir(sources.env);
  const lab = sources.lab(stateDir) ?? {};
  // The lab counts as a whole: its database must never be paired with another NetBox.
  const typed = above('NETBOX_URL');
  const elsewhere = typed !== undefined && placeOf(typed) !== placeOf(lab.NETBOX_URL ?? '');
  layers.push(['lab', elsewhere ? {} : lab]);

  const places: Partial<Record<SettingName, string>> = {
    BMTOOL_STATE_DIR: stateDir,
    BMTOOL_SPOOL_DIR: join(stateDir, 'spool'),
  };
  const all = settingNames.map((name): Setting => {
    const found = layers.find(([, values]) => values[name] !== undefined);
    const value = found?.[1][name] ?? places[name] ?? table[name].fallback;
    return { name, value, origin: found?.[0] ?? 'default', secret: isSecret(name), says: table[name].says };
  });
  const values = new Map(all.map(setting => [setting.name, setting.value]));
  const get = (name: SettingName) => values.get(name) ?? '';
  for (const name of ['PGPORT', 'REDIS_PORT'] as const) checkPort(get(name), name);
  const redisUrls = {
    NETBOX_TASKS_URL: readRedisUrl(get('NETBOX_TASKS_URL'), 'NETBOX_TASKS_URL'),
    NETBOX_CACHE_URL: readRedisUrl(get('NETBOX_CACHE_URL'), 'NETBOX_CACHE_URL'),
  };
  return {
    all,
    get,
    netboxUrl: readUrl(get('NETBOX_URL')),
    stateDir,
    bmcInterfaces: readWords(get('BMTOOL_BMC_INTERFACES'), 'BMTOOL_BMC_INTERFACES'),
    statusMap: readStatusMap(get('BMTOOL_STATUS_MAP')),
    protected: readSwitch(get('BMTOOL_PROTECTED'), 'BMTOOL_PROTECTED'),
    redisAt: name => redisUrls[name],
  };
}

function defaultStateDir(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homeOf(env), '.local', 'state'), 'bmtool');
}

function readDotenv(path: string): Record<string, string> {
  try {
    return nonEmpty(parseEnv(readFileSync(path, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Failure('dotenv-unreadable', `Cannot read ${path}: ${(error as Error).message}`, {
      next: 'Mend or remove the file.',
    });
  }
}

function nonEmpty(values: NodeJS.Dict<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** People who have DATABASE_URL expect it to work; the PG* names win over it, as in libpq's own tools. */
function fromDatabaseUrl(text: string | undefined, name: string): Record<string, string> {
  if (!text) return {};
  if (!URL.canParse(text))
    throw new Failure('bad-database-url', `${name} is not a URL`, {
      next: 'Expected postgres://user:password@host:port/database',
    });
  const url = new URL(text);
  // Of another kind of database: another program's, in a shell that both use.
  if (!/^postgres(ql)?:$/.test(url.protocol)) return {};
  const part = (encoded: string) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      throw new Failure('bad-database-url', `${name} has a % that encodes nothing`, {
        next: 'Write % in a user or password as %25.',
      });
    }
  };
  return nonEmpty({
    PGHOST: part(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    PGPORT: url.port,
    PGUSER: part(url.username),
    PGPASSWORD: part(url.password),
    PGDATABASE: part(url.pathname.slice(1)),
  });
}

function readUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw new Failure('bad-netbox-url', `NETBOX_URL is not an http(s) URL: ${text}`, {
      next: 'Expected for instance https://netbox.example.com',
    });
  }
  const url = new URL(text);
  if (url.username || url.password || url.search || url.hash) {
    throw new Failure('bad-netbox-url', 'NETBOX_URL must not carry a user, a password, a query or a fragment', {
      next: 'Give the token in NETBOX_TOKEN.',
    });
  }
  return url.href.replace(/\/+$/, '').replace(/\/api$/, '');
}

/** Never quotes the text: it may hold a password. */
function readRedisUrl(text: string, name: string): Partial<RedisAddress> {
  if (text === '') return {};
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const database = url && /^\/(\d*)$/.exec(url.pathname || '/')?.[1];
  if (url === undefined || url.protocol !== 'redis:' || url.hostname === '' || database === undefined) {
    throw new Failure('bad-redis-url', `${name} is not the URL of a Redis`, {
      next: 'Expected redis://user:password@host:port/number; the user may be left out',
    });
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || '6379'),
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: Number(database || '0'),
  };
}

function checkPort(text: string, name: string): void {
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return;
  throw new Failure('bad-setting', `${name} is not a port: ${text}`, { next: 'Expected a number from 1 to 65535.' });
}

function readWords(text: string, name: string): string[] {
  const words = text
    .split(',')
    .map(word => word.trim())
    .filter(Boolean);
  if (words.length === 0)
    throw new Failure('bad-setting', `${name} is empty`, { next: 'Expected for instance bmc,ilo,idrac' });
  return words;
}

function readStatusMap(text: string): Record<string, string> {
  const pairs = readWords(text, 'BMTOOL_STATUS_MAP').map(pair => pair.split('=').map(side => side.trim()));
  const wrong = pairs.find(pair => pair.length !== 2 || pair.some(side => side === ''));
  if (wrong) {
    throw new Failure('bad-setting', `BMTOOL_STATUS_MAP: "${wrong.join('=')}" is not name=status`, {
      next: 'Expected for instance discovered=planned',
    });
  }
  return Object.fromEntries(pairs);
}

function readSwitch(text: string, name: string): boolean {
  if (/^(on|true|yes|1)$/i.test(text)) return true;
  if (/^(off|false|no|0)$/i.test(text)) return false;
  throw new Failure('bad-setting', `${name} must be on or off, not "${text}"`);
}
