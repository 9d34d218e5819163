import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import type { main as Main } from '../src/main.ts';

/*
 * `node scripts/compile-main.ts main.cjs main.code`: what V8 has made of the script once it has been used. Functions that these commands need are then
 * compiled in the file, and not at every start. A process of its own, as V8 takes compiled code only with the flags that it was made with.
 */

/** Between them they load what most commands do; no service is reached, as nobody listens on port 9. */
const used = [
  { line: 'runs list', ends: 0 },
  { line: 'doctor --timeout 0.5', ends: 1 },
];

/** What V8 does when it has time for it, and would leave its marks. */
const whenThereIsTime = ['opt', 'maglev', 'sparkplug', 'flush-bytecode'];

const [scriptFile = '', codeFile = ''] = process.argv.slice(2);
for (const flag of whenThereIsTime) setFlagsFromString(`--no-${flag}`);
const script = new Script(readFileSync(scriptFile, 'latin1'), { filename: 'main.cjs' });
const { main } = script.runInThisContext()(process.getBuiltinModule) as { main: typeof Main };
const folder = mkdtempSync(join(tmpdir(), 'bmtool-compile-'));
const nowhere = () => new Writable({ write: (_, __, done) => done() }) as unknown as NodeJS.WriteStream;
try {
  for (const { line, ends } of used) {
    const exit = await main(line.split(' '), {
      stdin: process.stdin,
      stdout: nowhere(),
      stderr: nowhere(),
      env: {
        BMTOOL_STATE_DIR: folder,
        NETBOX_URL: 'http://127.0.0.1:9',
        PGHOST: '127.0.0.1',
        PGPORT: '9',
        REDIS_HOST: '127.0.0.1',
        REDIS_PORT: '9',
      },
      cwd: folder,
      onSignal: () => {},
      exitNow: code => process.exit(code),
    });
    if (exit !== ends) throw new Error(`bmtool ${line} ended with ${exit}`);
  }
  for (const flag of whenThereIsTime) setFlagsFromString(`--${flag}`);
  writeFileSync(codeFile, script.createCachedData());
} finally {
  rmSync(folder, { recursive: true });
}
