import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** NETBOX_URL and the like of the lab that the tests share. */
    lab: Record<string, string>;
  }
}

/** Brings up a lab of the tests' own, beside any other on this machine, and takes it down at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const stateDir = await mkdtemp(join(tmpdir(), 'bmtool-test-'));
  const env = { BMTOOL_STATE_DIR: stateDir, LAB_PORTS: 'auto' };
  const bmtool = (...args: string[]) => execa('node', ['bin/bmtool.ts', ...args], { env, stderr: ['pipe', 'inherit'] });
  const down = async () => {
    await bmtool('lab', 'down', '--purge');
    await rm(stateDir, { recursive: true, force: true });
  };
  try {
    await bmtool('lab', 'up');
    const { stdout } = await bmtool('lab', 'env', '--json');
    project.provide('lab', { ...(JSON.parse(stdout) as { result: Record<string, string> }).result, ...env });
  } catch (error) {
    await down();
    throw error;
  }
  return down;
}
