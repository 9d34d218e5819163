import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Confirm } from '../../../src/cli/confirm.ts';
import { paintFor } from '../../../src/cli/screen.ts';
import { say } from '../../../src/cli/view.ts';
import { silent } from '../../../src/core/progress.ts';
import { labCommands } from '../../../src/features/lab/command.ts';
import type { DownReport } from '../../../src/lab/down.ts';
import { openLab } from '../../../src/lab/lab.ts';

const [, down] = labCommands;
const view = { paint: paintFor(false), verbose: false, terminal: true };

/** A lab that was never started, with something of it on disk. */
function openEmptyLab() {
  const stateDir = mkdtempSync(join(tmpdir(), 'bmtool-lab-'));
  mkdirSync(join(stateDir, 'lab', 'logs'), { recursive: true });
  const signal = new AbortController().signal;
  return {
    dir: join(stateDir, 'lab'),
    lab: openLab({ stateDir, cacheDir: stateDir, progress: silent, signal, env: {} }),
  };
}

test('who is asked about deleting the lab is told which folder, and after it again', async () => {
  const { dir, lab } = openEmptyLab();
  const asked: string[] = [];
  const purge = async (answer: boolean) => {
    const confirm: Confirm = async ({ question }) => {
      asked.push(question);
      return answer;
    };
    return down.text((await down.run({ purge: true, yes: false }, { lab, confirm }, undefined)) as DownReport, view);
  };
  expect(await purge(false)).toEqual([say('Nothing was changed.')]);
  expect(existsSync(dir)).toBe(true);
  const [first, second] = await purge(true);
  expect(first).toEqual(say('No lab was running.'));
  expect(second).toMatchObject({ block: 'say', text: expect.stringContaining(dir) });
  expect(asked).toEqual([expect.stringContaining(dir), expect.stringContaining(dir)]);
  expect(existsSync(dir)).toBe(false);
});
