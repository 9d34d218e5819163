import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };

/* What `npm pack` makes, as somebody has it who installs it: below node_modules, with whatever Node and npm that machine has. */

const folder = mkdtempSync(join(tmpdir(), 'bmtool-npm-'));
const home = join(folder, 'home');
const place = join(folder, 'place');
const installed = join(place, 'node_modules', 'bmtool');
const inCheckout = join(process.cwd(), 'node_modules');
/** Without the folder that `npm run` puts in front, as it is not there for them. */
const path = (process.env.PATH ?? '')
  .split(delimiter)
  .filter(each => !each.startsWith(inCheckout))
  .join(delimiter);
const env = { ...process.env, PATH: path, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), BMTOOL_STATE_DIR: home };

/** Paths inside the package, as npm says. */
let packed: string[] = [];

beforeAll(() => {
  mkdirSync(home);
  mkdirSync(place);
  const pack = ['pack', '--json', '--pack-destination', folder];
  const [made] = Object.values(JSON.parse(execFileSync('npm', pack, { encoding: 'utf8' }))) as {
    filename: string;
    files: { path: string }[];
  }[];
  packed = made?.files.map(file => file.path) ?? [];
  // Nobody has approved of any script; what npm has fetched before it need not fetch again.
  const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--no-save'];
  const cache = execFileSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).trim();
  const options = { cwd: place, env: { ...process.env, PATH: path, npm_config_cache: cache } };
  execFileSync('npm', [...install, join(folder, made?.filename ?? '')], options);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** As people type it, with npm's own way to find the program. */
function npx(...args: string[]) {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', 'bmtool', ...args], {
    cwd: place,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const fromSources = (...args: string[]) =>
  execFileSync(process.execPath, ['bin/bmtool.js', ...args], { encoding: 'utf8' });

test('nothing is in it but what people need', () => {
  const kinds = packed.map(name => name.replace(/^(dist\/npm\/)[\w-]+\.js/, '$1*.js').replace(/^(schemas\/).*/, '$1*'));
  expect([...new Set(kinds)].sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin/bmtool',
    'dist/npm/*.js',
    'dist/npm/*.js.map',
    'dist/npm/LICENSES.txt',
    'package.json',
    'schemas/*',
    'snapshots/base/base.json',
    'snapshots/base/fleet.sql.zst',
    'snapshots/base/schema.sql.zst',
    'src/lab/python/requirements.lock',
    'src/lab/python/serve.py',
  ]);
});

test('npm installs no package with it whose code it has inside', () => {
  const names = readdirSync(join(place, 'node_modules')).filter(name => !name.startsWith('.'));
  const needed = [...Object.keys(packageJson.dependencies), ...Object.keys(packageJson.optionalDependencies)];
  expect(names.filter(name => !needed.some(each => each.split('/')[0] === name))).toEqual(['bmtool']);
});

test.each([[['--version']], [['--help']], [['help', 'phases']], [['schema', 'load-macs']], [['explain', 'BM-201']]])(
  'npx bmtool %j says what the sources say',
  args => {
    expect(npx(...args)).toEqual({ status: 0, stdout: fromSources(...args), stderr: '' });
  },
);

test('npx bmtool doctor names what cannot be reached, and how to go on', () => {
  const { status, stdout, stderr } = npx('doctor', '--timeout', '1', '--netbox-url', 'http://127.0.0.1:9');
  expect([1, 5]).toContain(status);
  expect(stdout + stderr).toContain('http://127.0.0.1:9');
  expect(stdout + stderr).not.toMatch(/BM-999|ERR_|bmtool is incomplete/);
});

test('an error with --debug has the lines of the sources', () => {
  const { status, stderr } = npx('load-macs', '/nonexistent', '--debug');
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/at openFile \(src\/adapters\/sheet\/sheets\.ts:\d+:\d+\)/),
  ]);
});

test("a DHCP server's hook loads next to nothing", () => {
  const list = join(folder, 'loaded');
  const tell = `import { appendFileSync } from 'node:fs'; import { registerHooks } from 'node:module';
    registerHooks({ load(url, context, next) { appendFileSync(${JSON.stringify(list)}, url + '\\n'); return next(url, context); } });`;
  const hook = ['dhcp', 'hook', 'commit', '94:40:c9:f0:00:01', '10.20.0.9'];
  const program = join(installed, 'dist', 'npm', 'bmtool.js');
  const all = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, program, ...hook];
  expect(spawnSync(process.execPath, all, { env: { ...env, BMTOOL_SPOOL_DIR: home } }).status).toBe(0);
  const scripts = readFileSync(list, 'utf8')
    .split('\n')
    .filter(url => url.endsWith('.js'));
  const bytes = scripts.reduce((sum, url) => sum + readFileSync(new URL(url)).length, 0);
  expect(bytes).toBeLessThan(50_000);
});

test('without the Node that comes with it, an older one says in two lines what to do', () => {
  const old = join(folder, 'old');
  mkdirSync(old);
  // The package alone, with nothing beside it.
  execFileSync('cp', ['-r', installed, join(old, 'bmtool')]);
  const { status, stderr } = spawnSync(join(old, 'bmtool', 'bin', 'bmtool'), ['--version'], {
    env: { ...env, PATH: withNode(old, '20.11.0') },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    1,
    'error[BM-960]: bmtool does not run on Node 20.11.0\n  npm install, without --omit=optional, brings the one that it needs; with it: npx bmtool\n',
  ]);
});

/** A PATH whose `node` says that it is an older one, and has what older ones have not. */
function withNode(parent: string, version: string): string {
  const bin = join(parent, 'bin');
  mkdirSync(bin);
  const claim = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } }); process.getBuiltinModule = undefined;`;
  const script = `#!/bin/sh\nexec "${process.execPath}" --import 'data:text/javascript,${encodeURIComponent(claim).replaceAll("'", '%27')}' "$@"\n`;
  execFileSync('sh', ['-c', 'cat > "$0" && chmod +x "$0"', join(bin, 'node')], { input: script });
  return `${bin}${delimiter}${path}`;
}
