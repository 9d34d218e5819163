import { chmodSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMachine } from '../../../src/adapters/machine/machine.ts';
import { installServers, planInstall, type Site } from '../../../src/features/leases/install-plan.ts';
import { stubPath, stubText } from '../../../src/features/leases/stub.ts';
import { runPlain } from '../../hook/support.ts';
import { compiled, program } from '../../support/program.ts';

const site: Site = {
  spool: '/var/lib/bmtool/spool',
  bmtool: program,
  hasDhcpdUser: false,
  keaLibrary: '/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_run_script.so',
  interface: 'ens3',
};
const machine = openMachine(new AbortController().signal);
const textOf = (plan: ReturnType<typeof planInstall>, path: RegExp) =>
  plan.files.find(file => path.test(file.path))?.text ?? '';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bmtool-install-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function install(...args: string[]) {
  const env = { HOME: root, PATH: '/usr/bin:/bin', ...compiled };
  return runPlain([...program, 'dhcp', 'install', ...args], env);
}

function written(): string[] {
  return globSync('**', { cwd: root, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(root.length))
    .sort();
}

describe('the plan', () => {
  it.each(installServers)('for %s writes files of its own alone, by absolute paths, and each once', server => {
    const paths = planInstall(server, site).files.map(({ path }) => path);
    expect(new Set(paths).size).toBe(paths.length);
    for (const path of paths) expect(path).toMatch(/^\/.*bmtool/);
  });

  it.each(installServers)('for %s passes the checks of the programs that are here', async server => {
    for (const { what, program, wish } of planInstall(server, site).checks) {
      const path = machine.find(program);
      if (path === undefined) continue;
      const check = await machine.check(path, wish);
      expect(check.ok, `${program} about ${what}: ${check.output}`).toBe(true);
    }
  });

  it.each([
    ['isc', 'dhcpd', (text: string) => text.replace('ClientIP,', 'mac,')],
    ['dnsmasq', 'dnsmasq', (text: string) => `${text}nonsense\n`],
    ['kea', 'kea-dhcp4', (text: string) => text.replace('libdhcp', 'libnone')],
    ['isc', 'sh', (text: string) => `${text}if\n`],
  ] as const)('for %s, spoilt, is refused by %s', async (server, program, spoil) => {
    const path = machine.find(program);
    const check = planInstall(server, site).checks.find(each => each.program === program);
    if (path === undefined || check === undefined) return expect(machine.find(program)).toBeUndefined();
    const spoilt = (folder: string) => {
      const { files, args } = check.wish(folder);
      const spoilable = /^(bmtool-hook|dnsmasq|dhcp-hook$)/;
      return {
        args,
        files: Object.fromEntries(
          Object.entries(files).map(([name, text]) => [name, spoilable.test(name) ? spoil(text) : text]),
        ),
      };
    };
    expect((await machine.check(path, spoilt)).ok).toBe(false);
  });

  it('lets dhcpd in by name where it is a user of its own', () => {
    expect(textOf(planInstall('isc', site), /tmpfiles/)).not.toContain('dhcpd');
    expect(textOf(planInstall('isc', { ...site, hasDhcpdUser: true }), /tmpfiles/)).toContain('u:dhcpd:rwx');
  });

  it('gives the tap the right to capture, and no other', () => {
    const unit = textOf(planInstall('tap', site), /tap@/);
    expect(unit).toContain('CapabilityBoundingSet=CAP_NET_RAW\n');
    expect(unit).toContain('User=bmtool\n');
    expect(textOf(planInstall('tap', site), /worker/)).toContain('CapabilityBoundingSet=\n');
  });

  it('quotes what systemd would read otherwise', () => {
    const odd = planInstall('tap', { ...site, spool: '/a b/50%', bmtool: ['/opt/my node', '/x/$HOME'] });
    expect(textOf(odd, /worker/)).toContain('ExecStart="/opt/my node" /x/$$HOME dhcp worker\n');
    expect(textOf(odd, /worker/)).toContain('"BMTOOL_SPOOL_DIR=/a b/50%%"');
  });

  it('keeps the hook where it always was', () => {
    expect(stubPath).toBe('/usr/local/lib/bmtool/dhcp-hook');
    expect(stubText("/it's")).toContain(`spool='/it'\\''s'\n`);
    expect(stubText('/a')).not.toMatch(/@/);
  });
});

describe('bmtool dhcp install', () => {
  it('prints everything and writes nothing', async () => {
    const { code, stdout } = await install('--server', 'isc', '--root', root);
    expect(code).toBe(0);
    for (const { path, text } of planInstall('isc', site).files.filter(each => !each.path.endsWith('.service'))) {
      expect(stdout).toContain(path);
      expect(stdout).toContain(text);
    }
    expect(stdout).toContain('include "/etc/dhcp/bmtool-hook.conf";');
    expect(written()).toEqual([]);
  });

  it('shows what it would write', async () => {
    const { code, stdout } = await install('--server', 'dnsmasq', '--root', root, '--write', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('/usr/local/lib/bmtool/dhcp-hook\tthe hook\tto be made\n');
    expect(written()).toEqual([]);
  });

  it.each(installServers)('writes for %s, once', async server => {
    const first = await install('--server', server, '--root', root, '--write');
    expect([first.code, first.stderr]).toEqual([0, expect.not.stringMatching(/^error/)]);
    const files = planInstall(server, site).files;
    expect(written()).toEqual(files.map(({ path }) => path).sort());
    for (const { path, mode } of files) expect(statSync(root + path).mode & 0o7777, path).toBe(mode);
    const inode = statSync(root + (files[0]?.path ?? '')).ino;
    const again = await install('--server', server, '--root', root, '--write');
    expect(again.stdout).not.toMatch(/\tmade\n|\treplaced\n/);
    expect(statSync(root + (files[0]?.path ?? '')).ino).toBe(inode);
  });

  it('replaces what was changed, its mode too, and leaves the server’s own files alone', async () => {
    await install('--server', 'isc', '--root', root, '--write');
    mkdirSync(join(root, 'etc/dhcp'), { recursive: true });
    writeFileSync(join(root, 'etc/dhcp/dhcpd.conf'), 'mine\n');
    writeFileSync(join(root, 'etc/dhcp/bmtool-hook.conf'), 'changed\n');
    chmodSync(join(root, stubPath), 0o644);
    const { stdout } = await install('--server', 'isc', '--root', root, '--write');
    expect(stdout.match(/\treplaced\n/g)).toHaveLength(2);
    expect(readFileSync(join(root, 'etc/dhcp/dhcpd.conf'), 'utf8')).toBe('mine\n');
    expect(statSync(join(root, stubPath)).mode & 0o777).toBe(0o755);
  });

  it('writes a spool that was named into hook, units and tmpfiles', async () => {
    await install('--server', 'kea', '--root', root, '--write', '--spool-dir', '/srv/spool');
    for (const path of [stubPath, '/etc/tmpfiles.d/bmtool.conf', '/etc/systemd/system/bmtool-dhcp-worker.service'])
      expect(readFileSync(root + path, 'utf8'), path).toContain('/srv/spool');
  });

  it.each([
    [['--server', 'bind'], /--server must be one of isc, kea, dnsmasq, tap/],
    [[], /Which server\?/],
    [['--server', 'isc', '--spool-dir', 'here'], /absolute path/],
    [['--server', 'tap', '--interface', 'a; rm -rf'], /name of an interface/],
  ])('refuses %j', async (args, says) => {
    expect(await install(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(says) });
  });
});
