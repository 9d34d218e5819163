import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };

/** Packages that every command may load: what it takes to read a command line and to print an answer. */
const light = ['commander', 'chalk', 'valibot'];
const packages = Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies });

/** What a command loads: packages of package.json, and how many files of bmtool's own. */
function loadedBy(args: readonly string[]): { heavy: string[]; own: number } {
  const folder = mkdtempSync(join(tmpdir(), 'bmtool-loads-'));
  const list = join(folder, 'loaded');
  const tell = `import { appendFileSync } from 'node:fs'; import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); } });`;
  const env = {
    PATH: process.env.PATH,
    BMTOOL_STATE_DIR: folder,
    BMTOOL_SPOOL_DIR: folder,
    NETBOX_URL: 'http://127.0.0.1:9',
  };
  const all = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, 'bin/bmtool.js', ...args];
  const { stderr } = spawnSync(process.execPath, all, { env, encoding: 'utf8' });
  expect(stderr).not.toContain('ERR_');
  const urls = readFileSync(list, 'utf8').trimEnd().split('\n');
  const named = packages.filter(name => urls.some(url => url.includes(`/node_modules/${name}/`)));
  return { heavy: named.filter(name => !light.includes(name)), own: urls.filter(url => url.includes('/src/')).length };
}

test.each([
  { args: ['--help'], loads: [] },
  { args: ['runs', 'list'], loads: [] },
  { args: ['dhcp', 'spool'], loads: [] },
  { args: ['load-macs', '/nonexistent'], loads: ['csv-parse'] },
  { args: ['doctor', '--timeout', '0.1'], loads: ['pg', 'undici'] },
  { args: ['state', 'show', '--timeout', '0.1'], loads: ['@redis/client', 'undici'] },
])('$args loads $loads of what is heavy', ({ args, loads }) => {
  expect(loadedBy(args).heavy).toEqual(loads);
});

test("a DHCP server's hook loads no package, and next to nothing of bmtool", () => {
  const { heavy, own } = loadedBy(['dhcp', 'hook', 'commit', '94:40:c9:f0:00:01', '10.20.0.9']);
  expect(heavy).toEqual([]);
  expect(own).toBeLessThan(10);
});
