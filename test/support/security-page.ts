import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { placesOf } from '../../src/lab/places.ts';
import { readState } from '../../src/lab/state.ts';
import { labEnv } from './lab-env.ts';

type Block = 'token' | 'reading-token' | 'postgres' | 'redis';

/** What docs/security.md has people copy, as it stands there. */
export function copied(block: Block): string {
  const page = readFileSync('docs/security.md', 'utf8');
  const found = new RegExp(`<!-- ${block} -->\\s*\`\`\`\\w*\\n([\\s\\S]*?)\`\`\`\\s*<!-- /${block} -->`).exec(
    page,
  )?.[1];
  if (found === undefined) throw new Error(`docs/security.md has no ${block}`);
  return found;
}

/** Gives the shell of the lab's NetBox what people give theirs, and the token that it prints. */
export async function makeToken(block: 'token' | 'reading-token'): Promise<string> {
  const { BMTOOL_STATE_DIR: stateDir = '' } = labEnv();
  const environment = readState(stateDir)?.environment ?? '';
  const script = /<<'EOF'\n([\s\S]*)\nEOF/.exec(copied(block))?.[1] ?? '';
  const { netboxRoot } = placesOf(stateDir, stateDir);
  const { stdout } = await execa(join(environment, 'bin', 'python'), ['-m', 'netbox', 'shell'], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NETBOX_ROOT: netboxRoot },
    extendEnv: false,
    cwd: netboxRoot,
    input: `${script}\n`,
  });
  const token = stdout.trim().split('\n').at(-1) ?? '';
  if (!/^nbt_\w+\.\w+$/.test(token)) throw new Error(`no token: ${stdout}`);
  return token;
}
