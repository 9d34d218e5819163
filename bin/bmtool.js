#!/usr/bin/env node
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

if (!process.features.typescript) {
  process.stderr.write(
    `error: bmtool does not run on Node ${process.versions.node}\n  npm ci brings the one that it needs; with it: npx bmtool …\n`,
  );
  process.exit(1);
}
// JavaScript, the one file that is: what is compiled before the cache is on would load Node's TypeScript parser at every start.
// Compiled modules are kept between runs (0.5 s of start become 0.3 s), in the user's own folder: the default, a shared one in /tmp, could be
// written by somebody else.
module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool', 'compiled'));
// V8's young generation grows to 48 MB by default; a megabyte does for a tool that ends in seconds, and a manifest of a million rows then
// takes a quarter less memory in the same time.
setFlagsFromString('--max-semi-space-size=1');
const { main } = await import('../src/main.ts');

// `bmtool runs list | head` closes the pipe early: that is no error, and there is nobody left to tell.
process.stdout.on('error', error => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  onSignal: listener => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => listener(signal));
  },
  exitNow: code => process.exit(code),
});
