import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { needsRoot } from './support.ts';

/* The one file by itself, as somebody has it who copied it to a machine that has nothing else. */

const folder = mkdtempSync(join(tmpdir(), 'bmtool-packaged-'));
const bmtool = join(folder, 'bmtool');
copyFileSync('dist/bmtool', bmtool);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** With an empty environment: neither PATH nor HOME. */
function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(bmtool, args, { env: {}, cwd: folder, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const fromSources = (...args: string[]) =>
  execFileSync(process.execPath, ['bin/bmtool.js', ...args], { encoding: 'utf8' });

describe('with an empty environment', () => {
  test.each([['--version'], ['-V'], ['--help'], ['-h'], ['snapshot', '--help'], ['dhcp', 'hook', '--help']])(
    '%s %s says what the sources say',
    (...args) => {
      expect(run(...args)).toEqual({ status: 0, stdout: fromSources(...args), stderr: '' });
    },
  );

  test('an error has its exit code, and with --debug the lines of the sources', () => {
    const args = ['load-macs', '/nonexistent', '--debug'];
    const { status, stderr } = run(...args);
    const place = /at openFile \(\S*(src\/\S+\.ts:\d+:\d+)\)/;
    const sources = spawnSync(process.execPath, ['bin/bmtool.js', ...args], { encoding: 'utf8' });
    expect([status, place.exec(stderr)?.[1]]).toEqual([2, place.exec(sources.stderr)?.[1]]);
    expect(stderr).toMatch(/^error\[BM-501\]: \/nonexistent does not exist\n/);
  });

  test('a stack names the sources’ files and lines down to where it starts, and no others', () => {
    const args = ['runs', 'show', 'nosuch', '--debug'];
    const sources = spawnSync(process.execPath, ['bin/bmtool.js', ...args], { encoding: 'utf8' });
    const placesOf = (stderr: string) => stderr.match(/(src|bin)\/\S+?:\d+/g);
    expect(placesOf(run(...args).stderr)).toEqual(placesOf(sources.stderr));
  });

  test('an answer that the disk does not take is one line', () => {
    const { status, stderr } = spawnSync('sh', ['-c', `"$0" --help >/dev/full`, bmtool], { env: {}, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^error\[BM-950\]: Cannot write the output: ENOSPC/)]);
  });

  test('what a caller has in NODE_OPTIONS is not for it', () => {
    const env = { NODE_OPTIONS: '--require /nonexistent.js' };
    expect(spawnSync(bmtool, ['--version'], { env, encoding: 'utf8' }).status).toBe(0);
  });
});

describe.skipIf(needsRoot.missing)(needsRoot.titled('where nothing may be written, as nobody'), () => {
  /** In mounts of its own: the whole tree is for reading. */
  function confined(...args: string[]) {
    const script = 'mount -o remount,bind,ro / && exec setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$@"';
    const all = ['--mount', 'sh', '-c', script, 'sh', bmtool, ...args];
    execFileSync('chmod', ['a+rx', folder]);
    return spawnSync('unshare', all, { cwd: '/', encoding: 'utf8' });
  }

  test.each([[['--version']], [['--help']], [['runs', 'list']], [['snapshot', 'list', '--help']]])('%j', args => {
    expect(confined(...args)).toMatchObject({ status: 0, stderr: expect.not.stringContaining('rror') });
  });

  test('a DHCP server hears of no error', () => {
    const { status, stderr } = confined('dhcp', 'hook', 'commit', '94:40:c9:f0:00:01', '10.20.0.9');
    expect([status, stderr]).toEqual([0, expect.stringContaining('cannot write to the spool')]);
  });
});
