import { inject } from 'vitest';

/** What the workers' labs have: see test/lab-setup.ts. */
export const smallFleet = { servers: 64, devices: 74 } as const;

/** Settings of this worker's lab, NETBOX_URL and the like: test files run side by side, each in a lab that is its own meanwhile. */
export function labEnv(): Readonly<Record<string, string>> {
  const lab = inject('labs')[Number(process.env.VITEST_POOL_ID) - 1];
  if (lab === undefined) throw new Error(`no lab for the worker ${process.env.VITEST_POOL_ID}`);
  return lab;
}
