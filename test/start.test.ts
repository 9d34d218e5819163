import { execa } from 'execa';
import { expect, test } from 'vitest';

const program = new URL('../bin/bmtool.js', import.meta.url).pathname;

test('on a Node that knows no TypeScript it says which one to take', async () => {
  const { exitCode, stderr } = await execa('node', ['--no-strip-types', program, '--version'], { reject: false });
  expect([exitCode, stderr]).toEqual([
    1,
    expect.stringMatching(/does not run on Node \d+\.\d+\.\d+\n {2}npm ci brings the one that it needs.*npx bmtool/),
  ]);
});
