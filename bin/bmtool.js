#!/usr/bin/env node
// JavaScript, the one file of the sources that is: what is compiled before the cache is on would load Node's TypeScript parser at every start. It imports nothing
// itself: Node's modules cost a DHCP server's hook a tenth of its time when they are imported, and nothing when they are asked for.
const [first = '', second] = process.argv.slice(2);
/** Words with which DHCP servers begin a call, and bmtool no command; src/hook.ts looks closer. */
const mayBeHook = (first === 'dhcp' && second === 'hook') || /^(lease[s46_]\w*|add|old|del)$/.test(first);

// A checkout is TypeScript; what npm installs is not (below node_modules no Node takes any), and is made for the Node that comes with it.
const isCheckout = import.meta.url.endsWith('/bin/bmtool.js');
if (isCheckout ? !process.features.typescript : Number.parseInt(process.versions.node, 10) < 26) {
  const how = isCheckout ? 'npm ci brings' : 'npm install, without --omit=optional, brings';
  process.stderr.write(
    `error[BM-960]: bmtool does not run on Node ${process.versions.node}\n  ${how} the one that it needs; with it: npx bmtool\n`,
  );
  process.exit(mayBeHook ? 0 : 1);
}

const { enableCompileCache } = process.getBuiltinModule('node:module');
const { existsSync, mkdirSync, writeSync } = process.getBuiltinModule('node:fs');
const { homedir } = process.getBuiltinModule('node:os');
const { join } = process.getBuiltinModule('node:path');
const sea = process.getBuiltinModule('node:sea');

/** One file with everything inside; or a checkout, or what npm installed. */
const isPackaged = sea.isSea();
void start();

async function start() {
  if (isPackaged && answerAtOnce()) return;
  if (!isPackaged) keepCompiled();
  if (!(mayBeHook && (await isHook()))) await callMain();
}

/** What is the same every time (--help, --version) is in the one file as text, so that nothing of bmtool is loaded for it. */
function answerAtOnce() {
  const [only = '', ...more] = process.argv.slice(2);
  if (more.length > 0 || !only.startsWith('-') || !sea.getAssetKeys().includes(only)) return false;
  try {
    writeSync(1, sea.getAsset(only, 'utf8'));
  } catch (error) {
    // `bmtool --help | head -1`
    if (error.code === 'EPIPE') return true;
    process.stderr.write(`error[BM-950]: Cannot write the output: ${error.message}\n  Make room where it goes.\n`);
    process.exitCode = 1;
  }
  return true;
}

/**
 * Compiled modules are kept between runs (0.5 s of start become 0.3 s), in the user's own folder: the default, a shared one in /tmp, could be
 * written by somebody else. The folder is made here, one level at a time: Node 26's own way never ends below a home like /proc/nowhere, where
 * the kernel says that what was just made is not there.
 */
function keepCompiled() {
  try {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    const folder = join(cache, 'bmtool');
    if (!existsSync(folder)) for (const each of [cache, folder]) if (!existsSync(each)) mkdirSync(each);
    enableCompileCache(join(folder, 'compiled'));
  } catch {
    // A user without a home, or with one that is closed: every start takes longer.
  }
}

/** A DHCP server must never hear of an error, whatever has become of bmtool's files. */
async function isHook() {
  try {
    const { callHook } = await import('../src/hook.ts');
    return callHook();
  } catch (error) {
    process.stderr.write(`bmtool dhcp hook: ${error}\n`);
    return true;
  }
}

/** In the one file all of bmtool but this script and the hook is a script of its own, beside what V8 has made of it: nobody waits for it who does not need it. */
function unpackMain() {
  const { Script } = process.getBuiltinModule('node:vm');
  const source = Buffer.from(sea.getRawAsset('main.cjs')).latin1Slice();
  const compiled = sea.getAssetKeys().includes('main.code') ? Buffer.from(sea.getRawAsset('main.code')) : undefined;
  const script = new Script(source, { filename: 'main.cjs', cachedData: compiled });
  if (script.cachedDataRejected && process.argv.includes('--debug'))
    process.stderr.write('V8 does not take the compiled code in this file: every start takes longer\n');
  return script.runInThisContext()(process.getBuiltinModule);
}

async function callMain() {
  // V8's young generation grows to 48 MB by default; a megabyte does for a tool that ends in seconds, and a manifest of a million rows then
  // takes a quarter less memory in the same time.
  process.getBuiltinModule('node:v8').setFlagsFromString('--max-semi-space-size=1');
  const { main } = isPackaged ? unpackMain() : await import('../src/main.ts');

  // `bmtool runs list | head` closes the pipe early: that is no error, and there is nobody left to tell. Of a full disk cli/print.ts tells, which
  // waits for every write; on stderr nobody could be told of it.
  process.stdout.on('error', error => {
    if (error.code === 'EPIPE') process.exit(0);
  });
  process.stderr.on('error', () => {});

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
}
