import { expect, test } from 'vitest';
import { silent } from '../../src/core/progress.ts';
import { cacheDirOf } from '../../src/files/home.ts';
import { readSchema } from '../../src/lab/base.ts';
import { baseFleetSql } from '../../src/lab/fleet/make-base.ts';
import { proveDerived } from '../../src/lab/fleet/proof.ts';
import { openScratch } from '../../src/lab/fleet/scratch.ts';

test('NetBox finds every object of the shipped fleet valid and has nothing to compute anew', async () => {
  const { env } = process;
  const { signal } = new AbortController();
  await using scratch = await openScratch({ env, cacheDir: cacheDirOf(env), progress: silent, signal });
  expect(await proveDerived(scratch, readSchema(), baseFleetSql())).toBe('');
});
