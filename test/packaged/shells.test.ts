import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { scripts, shells } from '../../src/features/completion/scripts.ts';
import { program } from '../support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'bmtool-shells-'));
const bin = join(folder, 'bin');
mkdirSync(bin);
writeFileSync(join(bin, 'bmtool'), `#!/bin/sh\nexec ${program.map(word => `'${word}'`).join(' ')} "$@"\n`);
chmodSync(join(bin, 'bmtool'), 0o755);
writeFileSync(join(folder, 'servers.csv'), '');
const runs = join(folder, 'state', 'runs');
mkdirSync(runs, { recursive: true });
const header = {
  format: 1,
  id: '20261121-071233-k3f',
  command: 'load-macs a:b.csv',
  target: { netbox: 'http://127.0.0.1:9', version: '4.7.3' },
  startedAt: '2026-11-21T07:12:33Z',
  user: 'op',
  process: { host: 'h', pid: 1, startTime: '1' },
};
writeFileSync(
  join(runs, `${header.id}.jsonl`),
  `${JSON.stringify(header)}\n{"end":"finished","at":"2026-11-21T07:12:34Z"}\n`,
);
for (const shell of shells) writeFileSync(join(folder, shell), scripts[shell]);

const env = {
  PATH: `${bin}:/usr/bin:/bin`,
  HOME: folder,
  TERM: 'dumb',
  BMTOOL_STATE_DIR: join(folder, 'state'),
  XDG_CACHE_HOME: join(folder, 'cache'),
};
const has = (shell: string) => spawnSync('sh', ['-c', `command -v ${shell}`]).status === 0;
const run = (shell: string, args: readonly string[]) =>
  spawnSync(shell, args, { env, cwd: folder, encoding: 'utf8', timeout: 30_000 });

/** What each shell itself offers for a line, the cursor at its end. */
const ask: Record<(typeof shells)[number], (line: string, wanted: string) => string[]> = {
  bash(line) {
    const words = line.split(/([:=])|\s+/).filter(word => word !== undefined);
    const script = `source ./bash; COMP_LINE=$1; COMP_POINT=\${#1}; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bmtool; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(
      run('bash', [
        '--norc',
        '-c',
        script,
        'bash',
        line,
        ...words.filter((word, i) => word !== '' || i === words.length - 1),
      ]).stdout,
    );
  },
  fish: line =>
    linesOf(run('fish', ['-c', `source ./fish; complete -C ${JSON.stringify(line)}`]).stdout).map(
      each => each.split('\t')[0] ?? '',
    ),
  zsh(line, wanted) {
    // A zsh in a terminal of its own; its answer is drawn below the line.
    const script = `zmodload zsh/zpty; zpty z zsh -f -i
zpty -w z "PS1=READY; fpath=($PWD/functions \\$fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; LISTMAX=0; unsetopt automenu; setopt listambiguous; stty cols 100"
zpty -w z 'print START''ED'
zpty -r z out '*STARTED*'
zpty -w -n z ${JSON.stringify(line)}$'\\t\\t'
typeset -F SECONDS=0; while [[ $out != *${wanted}* ]] && (( SECONDS < 20 )); do zpty -r -t z more && out+=$more; done
print -r -- $out; zpty -d z`;
    mkdirSync(join(folder, 'functions'), { recursive: true });
    writeFileSync(join(folder, 'functions', '_bmtool'), readFileSync(join(folder, 'zsh')));
    // Where only one fits it is put into the line itself.
    return stripVTControlCharacters(run('zsh', ['-f', '-c', script]).stdout).split(/\s+/);
  },
};

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter(Boolean);
}

for (const shell of shells) {
  const it = test.skipIf(!has(shell));
  it(`${shell} offers commands, choices and runs, and leaves files to itself`, () => {
    expect(ask[shell]('bmtool dhcp d', 'dead')).toEqual(expect.arrayContaining(['decide', 'dead']));
    expect(ask[shell]('bmtool runs show ', header.id).join(' ')).toContain(header.id);
    expect(ask[shell]('bmtool load-macs s', 'servers.csv').join(' ')).toContain(shell === 'bash' ? '' : 'servers.csv');
  }, 60_000);
}

test('a shell of another name is refused with those that there are', () => {
  const { status, stderr } = spawnSync(join(bin, 'bmtool'), ['completion', 'install'], {
    env: { ...env, SHELL: '/bin/ksh' },
    encoding: 'utf8',
  });
  expect(status).toBe(2);
  expect(stderr).toContain('bash, zsh, fish');
});

test.each(shells)('completion install puts it where %s looks, once', shell => {
  const install = () =>
    spawnSync(join(bin, 'bmtool'), ['completion', 'install', '--shell', shell, '--json'], { env, encoding: 'utf8' });
  const first = JSON.parse(install().stdout).result;
  expect(first.changed).toBe(true);
  expect(readFileSync(first.file, 'utf8')).toBe(scripts[shell]);
  expect(JSON.parse(install().stdout).result.changed).toBe(false);
});
