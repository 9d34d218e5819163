import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needsRoot } from '../packaged/support.ts';
import { labEnv } from '../support/lab-env.ts';
import { manifestOf, targets } from '../support/manifest.ts';
import { resetLab } from '../support/netbox.ts';

/*
 * The main jobs on a machine that has nothing but the one file (and the C library that it is linked to), against a NetBox elsewhere: the settings name it,
 * and nothing of the lab's own is in sight.
 */

const file = process.env.TEST_PROGRAM;
const root = mkdtempSync(join(tmpdir(), 'bmtool-machine-'));
/** What Node is linked to: libc, libm, libstdc++ and the loader. */
const libraries = ['/lib', '/lib64', '/usr/lib'];

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** In mounts of its own that go with the process: the libraries for reading, and a root in which there is no other program. */
function bmtool(...args: string[]) {
  const mounts = libraries.map(folder => `mkdir -p ${root}${folder} && mount --bind -o ro ${folder} ${root}${folder}`);
  const script = [...mounts, `mount -t proc proc ${root}/proc`, `exec chroot ${root} /bmtool "$@"`].join(' && ');
  const { NETBOX_URL, NETBOX_TOKEN, REDIS_HOST, REDIS_PORT, DATABASE_URL } = labEnv();
  const env = { NETBOX_URL, NETBOX_TOKEN, REDIS_HOST, REDIS_PORT, DATABASE_URL, BMTOOL_STATE_DIR: '/state' };
  const all = ['--mount', 'sh', '-c', script, 'sh', ...args];
  const { status, stdout, stderr } = spawnSync('unshare', all, {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  });
  return { status, said: stdout + stderr };
}

describe.skipIf(file === undefined || needsRoot.missing)(
  needsRoot.titled(
    `with nothing but the one file, against a NetBox elsewhere${file === undefined ? ' (left out: TEST_PROGRAM names no file)' : ''}`,
  ),
  () => {
    beforeAll(async () => {
      await resetLab();
      for (const folder of ['proc', 'state', 'tmp', 'dev']) mkdirSync(join(root, folder), { recursive: true });
      copyFileSync(file ?? '', join(root, 'bmtool'));
      copyFileSync(manifestOf(await targets(3)), join(root, 'servers.csv'));
    });

    test('the doctor finds all that it needs, and no lab', () => {
      const { status, said } = bmtool('doctor');
      expect(status, said).toBe(0);
      expect(said).toContain('none is running on this machine');
    });

    test.each([
      'load-macs /servers.csv',
      'snapshot save good',
      'state restore 1 --limit 3',
      'undo',
      'runs',
      'snapshot restore good',
      'snapshot diff good',
      'load-macs /servers.csv --dry-run',
      'snapshot delete good',
    ])('bmtool %s', line => {
      const { status, said } = bmtool(...line.split(' '));
      expect(status, said).toBe(0);
    });
  },
);
