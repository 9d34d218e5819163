import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../src/core/failure.ts';
import {
  flagOf,
  readSettings,
  type SettingName,
  type SettingSources,
  settingNames,
  settingText,
} from '../src/settings.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bmtool-settings-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function read(sources: Partial<SettingSources> & { dotenv?: string } = {}) {
  const { dotenv, ...rest } = sources;
  if (dotenv !== undefined) writeFileSync(join(cwd, '.env'), dotenv);
  return readSettings({ flags: {}, env: { HOME: '/home/somebody' }, cwd, lab: () => undefined, ...rest });
}

function originOf(settings: ReturnType<typeof read>, name: SettingName) {
  return settings.all.find(setting => setting.name === name)?.origin;
}

const lab = {
  NETBOX_URL: 'http://127.0.0.1:8001',
  NETBOX_TOKEN: 'labtoken',
  PGHOST: '127.0.0.1',
  PGPORT: '5433',
  PGPASSWORD: 'labsecret',
};

describe('where a value comes from', () => {
  it('is a default where nobody said anything', () => {
    const settings = read();
    expect(settings.netboxUrl).toBe('http://localhost:8000');
    expect(settings.get('REDIS_PORT')).toBe('6380');
    expect(settings.bmcInterfaces).toEqual(['bmc', 'ilo', 'idrac']);
    expect(settings.statusMap).toEqual({ discovered: 'planned' });
    expect(settings.protected).toBe(false);
    expect(settings.stateDir).toBe('/home/somebody/.local/state/bmtool');
    expect(new Set(settings.all.map(({ origin }) => origin))).toEqual(new Set(['default']));
  });

  it('goes flag, environment, .env, lab, default', () => {
    const layers = {
      lab: () => lab,
      dotenv: 'PGHOST=from-dotenv\n',
      env: { HOME: '/h', PGHOST: 'from-env' },
      flags: { PGHOST: 'from-flag' },
    };
    expect(read(layers).get('PGHOST')).toBe('from-flag');
    expect(originOf(read(layers), 'PGHOST')).toBe('flag');
    expect(originOf(read({ ...layers, flags: {} }), 'PGHOST')).toBe('environment');
    expect(originOf(read({ ...layers, flags: {}, env: {} }), 'PGHOST')).toBe('.env');
    rmSync(join(cwd, '.env'));
    expect(originOf(read({ lab: () => lab }), 'PGHOST')).toBe('lab');
    expect(originOf(read(), 'PGHOST')).toBe('default');
  });

  it('takes an empty variable for none', () => {
    expect(
      read({ env: { NETBOX_URL: '' }, dotenv: 'PGHOST=\n' }).all.filter(({ origin }) => origin !== 'default'),
    ).toEqual([]);
  });

  it('finds the state directory by XDG, and the lab by the state directory', () => {
    const asked: string[] = [];
    const settings = read({ env: { XDG_STATE_HOME: '/state' }, lab: stateDir => void asked.push(stateDir) });
    expect(settings.stateDir).toBe('/state/bmtool');
    read({ flags: { BMTOOL_STATE_DIR: '/mine' }, lab: stateDir => void asked.push(stateDir) });
    expect(asked).toEqual(['/state/bmtool', '/mine']);
  });
});

describe('a running lab', () => {
  it('counts as a whole', () => {
    const settings = read({ lab: () => lab });
    for (const [name, value] of Object.entries(lab)) expect(settings.get(name as SettingName)).toBe(value);
  });

  it('does not count at all when somebody names another NetBox', () => {
    const settings = read({ lab: () => lab, env: { NETBOX_URL: 'https://netbox.example.com' } });
    expect(settings.netboxUrl).toBe('https://netbox.example.com');
    expect(settings.all.filter(({ origin }) => origin === 'lab')).toEqual([]);
    expect(settings.get('PGHOST')).toBe('localhost');
  });

  const itsOwn = lab.NETBOX_URL;
  it.each([
    ['its own', itsOwn, 'lab'],
    ['its own, with a slash', `${itsOwn}/`, 'lab'],
    ['its own, by the name of this machine to itself', itsOwn.replace('127.0.0.1', 'localhost'), 'lab'],
    ['on another port', 'http://127.0.0.1:8002', 'default'],
    ['below another path', `${itsOwn}/netbox`, 'default'],
    ['on a host of a like name', itsOwn.replace('127.0.0.1', 'localhost.example.com'), 'default'],
  ])('a NetBox that is named: %s', (_, url, origin) => {
    expect(originOf(read({ lab: () => lab, env: { NETBOX_URL: url } }), 'PGPORT')).toBe(origin);
  });
});

describe('DATABASE_URL', () => {
  const url = 'postgres://me:p%40ss@db.example.com:5444/nb';

  it('is taken apart', () => {
    const settings = read({ env: { DATABASE_URL: url } });
    expect(
      ['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD', 'PGDATABASE'].map(name => settings.get(name as SettingName)),
    ).toEqual(['db.example.com', '5444', 'me', 'p@ss', 'nb']);
    expect(originOf(settings, 'PGHOST')).toBe('environment');
  });

  it('gives way to the names of libpq beside it, and wins over what is further away', () => {
    expect(read({ env: { DATABASE_URL: url, PGHOST: 'other' } }).get('PGHOST')).toBe('other');
    expect(read({ env: { DATABASE_URL: url }, dotenv: 'PGHOST=dotenv\n' }).get('PGHOST')).toBe('db.example.com');
    expect(read({ dotenv: `DATABASE_URL=${url}\n` }).get('PGHOST')).toBe('db.example.com');
  });

  it('leaves what it does not say', () => {
    expect(read({ env: { DATABASE_URL: 'postgresql://db.example.com' } }).get('PGPORT')).toBe('5432');
  });

  it('takes addresses in brackets', () => {
    expect(read({ env: { DATABASE_URL: 'postgres://[::1]:5432/nb' } }).get('PGHOST')).toBe('::1');
  });

  it('of another kind of database is somebody else’s', () => {
    expect(read({ env: { DATABASE_URL: 'mysql://root:x@mysql.example.com/app' } }).get('PGHOST')).toBe('localhost');
    expect(read({ env: { DATABASE_URL: 'sqlite:///db.sqlite3' } }).get('PGDATABASE')).toBe('netbox');
  });
});

describe('values that cannot be', () => {
  it.each<[NodeJS.ProcessEnv, string]>([
    [{ NETBOX_URL: 'netbox.example.com' }, 'NETBOX_URL is not an http(s) URL: netbox.example.com'],
    [{ NETBOX_URL: 'ftp://netbox' }, 'NETBOX_URL is not an http(s) URL'],
    [{ NETBOX_URL: 'http://' }, 'NETBOX_URL is not an http(s) URL'],
    [{ NETBOX_URL: 'http://me:secret@netbox' }, 'must not carry a user, a password'],
    [{ NETBOX_URL: 'http://netbox/?a=b' }, 'must not carry'],
    [{ BMTOOL_BMC_INTERFACES: ' , ' }, 'BMTOOL_BMC_INTERFACES is empty'],
    [{ BMTOOL_STATUS_MAP: 'discovered' }, '"discovered" is not name=status'],
    [{ BMTOOL_STATUS_MAP: 'a=b,c=' }, '"c=" is not name=status'],
    [{ BMTOOL_STATUS_MAP: 'a=b=c' }, '"a=b=c" is not name=status'],
    [{ BMTOOL_PROTECTED: 'maybe' }, 'BMTOOL_PROTECTED must be on or off, not "maybe"'],
    [{ REDIS_PORT: 'six' }, 'REDIS_PORT is not a port: six'],
    [{ PGPORT: '70000' }, 'PGPORT is not a port: 70000'],
    [{ DATABASE_URL: 'not a url' }, 'DATABASE_URL is not a URL'],
    [{ DATABASE_URL: 'postgres://me:100%@db/nb' }, 'DATABASE_URL'],
  ])('%j', (env, says) => {
    try {
      read({ env });
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      expect((error as Failure).exit).toBe(2);
      expect((error as Failure).message).toContain(says);
      expect((error as Failure).message).not.toContain('secret');
    }
  });
});

describe('values as they are used', () => {
  it.each([
    ['http://nb:8000/', 'http://nb:8000'],
    ['https://nb/netbox/', 'https://nb/netbox'],
    ['https://nb/netbox/api/', 'https://nb/netbox'],
    ['https://nb/api', 'https://nb'],
    ['HTTPS://NB', 'https://nb'],
  ])('NETBOX_URL %s', (given, used) => {
    expect(read({ env: { NETBOX_URL: given } }).netboxUrl).toBe(used);
  });

  it.each(['on', 'ON', 'true', 'yes', '1'])('BMTOOL_PROTECTED %s', value => {
    expect(read({ env: { BMTOOL_PROTECTED: value } }).protected).toBe(true);
  });

  it('lists with blanks', () => {
    const settings = read({
      env: { BMTOOL_BMC_INTERFACES: ' bmc , xcc,', BMTOOL_STATUS_MAP: 'discovered = discovered , ready=ready' },
    });
    expect(settings.bmcInterfaces).toEqual(['bmc', 'xcc']);
    expect(settings.statusMap).toEqual({ discovered: 'discovered', ready: 'ready' });
  });
});

describe.each(settingNames)('%s', name => {
  it('has words, and a flag unless it is a secret', () => {
    const secret = /TOKEN|PASSWORD|(TASKS|CACHE)_URL/.test(name);
    expect(settingText(name)).toBeTruthy();
    expect(flagOf(name) === undefined).toBe(secret);
    if (!secret) expect(flagOf(name)).toMatch(/^--[a-z]+(-[a-z]+)*$/);
    expect(read().all.find(setting => setting.name === name)?.secret).toBe(secret);
  });
});

it('no two settings share a flag', () => {
  const flags = settingNames.flatMap(name => flagOf(name) ?? []);
  expect(new Set(flags).size).toBe(flags.length);
});
