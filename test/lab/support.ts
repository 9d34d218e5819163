import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { silent } from '../../src/core/progress.ts';
import { type Lab, type LabOptions, openLab } from '../../src/lab/lab.ts';

const made: string[] = [];

/** A state directory of the test's own, gone when its file is through. */
export function newStateDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bmtool-test-'));
  made.push(dir);
  return dir;
}

afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** What is downloaded once, for the tests and for the user alike. */
export const cacheDir = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool');

/** A lab on free ports, beside whatever else runs on this machine. */
export function openTestLab(stateDir: string, more: Partial<LabOptions> = {}): Lab {
  return openLab({
    stateDir,
    cacheDir,
    progress: silent,
    signal: new AbortController().signal,
    env: { ...process.env, LAB_PORTS: 'auto' },
    ...more,
  });
}

/** Looks again and again until `look` gives something; fails the test after `timeoutMs`. */
export async function eventually<T>(
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${look}`);
    // What is waited for wants the same two cores.
    await pause(10);
  }
}

export type Netbox = (method: string, path: string, body?: unknown) => Promise<{ status: number; json: unknown }>;

/** Plain requests to a lab's NetBox, with the demo token. */
export function netboxOf(settings: Record<string, string>): Netbox {
  return async (method, path, body) => {
    const response = await fetch(`${settings.NETBOX_URL}${path}`, {
      method,
      headers: {
        authorization: `Token ${settings.NETBOX_TOKEN}`,
        'content-type': 'application/json',
        connection: 'close',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
  };
}
