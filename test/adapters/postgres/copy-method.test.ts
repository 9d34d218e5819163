import { expect, test } from 'vitest';
import { copyMethodOf } from '../../../src/adapters/postgres/swap.ts';

const [small, large] = [50_000_000, 150_000_000];

test.each([
  [130_022, small, ''],
  [140_019, large, ''],
  [150_018, small, 'STRATEGY WAL_LOG'],
  [150_018, large, 'STRATEGY FILE_COPY'],
  [170_006, small, 'STRATEGY WAL_LOG'],
  [170_006, large, 'STRATEGY FILE_COPY'],
  // The kernel copies what the file system cannot share.
  [180_004, small, 'STRATEGY FILE_COPY'],
  [180_004, large, 'STRATEGY FILE_COPY'],
])('PostgreSQL %i copies %i bytes with "%s"', (version, bytes, clause) => {
  expect(copyMethodOf(version, bytes).clause).toBe(clause);
});
