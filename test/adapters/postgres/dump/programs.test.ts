import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  bestProgram,
  findProgram,
  noProgram,
  type Program,
  programFolders,
  readVersion,
} from '../../../../src/adapters/postgres/dump/programs.ts';

const program = (major: number): Program => ({ path: `/${major}/pg_dump`, version: `${major}.1`, major });

test.for<[string, number, number[], number | undefined]>([
  ['the same version', 17, [15, 17, 18], 17],
  ['else the oldest that is newer: what it writes, most can read', 16, [18, 15, 17], 17],
  ['none that is older than the server', 18, [15, 17], undefined],
  ['none where there is none', 18, [], undefined],
])('of several it takes %s', ([, server, found, expected]) => {
  expect(bestProgram(found.map(program), server)?.major).toBe(expected);
});

test.for([
  ['pg_dump (PostgreSQL) 18.6', '18.6', 18],
  ['pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)', '15.18', 15],
  ['pg_restore (PostgreSQL) 19beta1', '19beta1', 19],
] as const)('reads the version of %s', ([text, version, major]) => {
  expect(readVersion('/p', `${text}\n`)).toEqual({ path: '/p', version, major });
});

test('what says no version is no program of PostgreSQL', () => {
  expect(readVersion('/p', 'usage: pg_dump FILE')).toBeUndefined();
});

describe('where it looks', () => {
  const glob = (pattern: string) => (pattern.startsWith('/usr/lib/') ? ['/usr/lib/postgresql/18/bin', '/usr/bin'] : []);

  test('on PATH first, then in the usual places, each once; never in what depends on the current folder', () => {
    expect(programFolders('', '/usr/bin:.::bin:/opt/bin', glob)).toEqual([
      '/usr/bin',
      '/opt/bin',
      '/usr/lib/postgresql/18/bin',
    ]);
  });

  test('in the folder that was named, and nowhere else', () => {
    expect(programFolders('/mine', '/usr/bin', glob)).toEqual(['/mine']);
  });
});

describe('a program that does not fit', () => {
  const wish = { name: 'pg_dump', major: 18, because: 'PostgreSQL at db1:5432 is 18.4' } as const;

  test('the message has the version of the server, what was found, and the packages', () => {
    const { message, next, exit } = noProgram(wish, [program(15), program(17)], '');
    expect(message).toBe(
      'PostgreSQL at db1:5432 is 18.4: this takes a pg_dump of version 18 or newer, and the newest on this machine is 17.1 (/17/pg_dump)',
    );
    expect(next).toMatch(/postgresql-client-18 .*postgresql18 .*BMTOOL_PG_BIN/);
    expect(exit).toBe(1);
    expect(noProgram(wish, [], '').message).toMatch(/there is none on this machine$/);
    expect(noProgram(wish, [], '/mine').message).toMatch(/there is none in BMTOOL_PG_BIN \(\/mine\)$/);
  });

  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bmtool-programs-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('one that cannot be run, or fails, counts as none', async () => {
    const path = join(folder, 'pg_dump');
    await writeFile(path, '#!/bin/sh\necho "pg_dump (PostgreSQL) 18.6"\n');
    await expect(findProgram(wish, folder, {})).rejects.toThrow(/there is none in BMTOOL_PG_BIN/);
    await chmod(path, 0o755);
    expect(await findProgram(wish, folder, {})).toEqual({ path, version: '18.6', major: 18 });
    await writeFile(path, '#!/bin/sh\necho "pg_dump (PostgreSQL) 18.6"\nexit 1\n');
    await expect(findProgram(wish, folder, {})).rejects.toThrow(/there is none in BMTOOL_PG_BIN/);
  });
});
