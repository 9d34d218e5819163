import { defineConfig } from 'vitest/config';
import { isThorough } from './test/support/tries.ts';

const labTests = ['test/acceptance/**/*.test.ts', 'test/**/*.lab.test.ts'];
const fullTests = ['test/full/**/*.test.ts'];
const tortureTests = ['test/torture/**/*.test.ts'];
const packagedTests = ['test/packaged/**/*.test.ts'];
/**
 * Of the lab's tests what takes services away for a while, tries one server or client after another, or is about what other tests are made with: where
 * there is time.
 */
const patientTests = [
  'test/acceptance/faults.test.ts',
  'test/acceptance/leases-{faults,phase,servers}.test.ts',
  'test/adapters/lease-files/follow.lab.test.ts',
  'test/support/dhcp/*.lab.test.ts',
];

/**
 * `unit` needs no service and takes seconds; `lab` brings up a real NetBox for itself first; `full` does so too and puts the whole fleet
 * through everything, which takes NetBox a quarter of an hour. `torture` has services of its own, and kills, fills and floods them.
 *
 * With THOROUGH=1, as in CI, `unit`, `lab` and `packaged` try all that test/support/tries.ts otherwise cuts short.
 */
export default defineConfig({
  test: {
    // What the unit tests cover by themselves, of all sources. What tests of the whole program cover shows in no process of vitest's.
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary', ['text-summary', { file: 'summary.txt' }], 'json-summary'],
      // A hair below what is measured, as chance has a part in it: raise them, do not lower them.
      thresholds: { lines: 49.6, branches: 52.6 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...labTests, ...fullTests, ...tortureTests, ...packagedTests],
          globalSetup: ['./test/folders.ts'],
          // A process for each core, not for each file: loading what all of them load took a third of the time.
          isolate: false,
          // Some start programs, perhaps on a machine that is busy.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: labTests,
          exclude: isThorough ? [] : patientTests,
          globalSetup: ['./test/lab-setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each has a NetBox, which wants the same cores.
          maxWorkers: 2,
        },
      },
      {
        // What `npm run package` has made.
        test: { name: 'packaged', include: packagedTests, testTimeout: 60_000, hookTimeout: 120_000 },
      },
      {
        test: {
          name: 'torture',
          include: tortureTests,
          testTimeout: 600_000,
          hookTimeout: 120_000,
          // Each file has services of its own, and waits for them half of the time.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'full',
          include: fullTests,
          globalSetup: ['./test/lab-setup.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
    ],
  },
});
