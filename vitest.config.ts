import { defineConfig } from 'vitest/config';

const labTests = ['test/acceptance/**/*.test.ts', 'test/**/*.lab.test.ts'];

/** `unit` needs no service and takes seconds; `lab` brings up a real NetBox for itself first. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: labTests,
        },
      },
      {
        test: {
          name: 'lab',
          include: labTests,
          globalSetup: ['./test/lab-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // NetBox is one for all of them, and its workers want the same cores.
          fileParallelism: false,
        },
      },
    ],
  },
});
