import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { KeaBuild } from './kea.ts';
import { findProgram } from './machine.ts';

const home = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'bmtool-tests', 'kea-2.6');
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Kea 2.6, which differs from 2.2 in what it allows and says: Debian 13's packages, unpacked beside an older system with the libraries that they
 * need, and nothing installed. Downloads 18 MB the first time on a machine. A text says why it cannot be had.
 */
export async function findKea26(): Promise<KeaBuild | string> {
  const mirror = debianMirror();
  if (findProgram('apt-get') === undefined || mirror === undefined || !existsSync(keyring))
    return 'Kea 2.6 is taken from Debian 13, and this machine knows no Debian mirror';
  try {
    if (!existsSync(home)) await fetchInto(home, mirror);
    return unpackedKea(home);
  } catch (error) {
    return `Kea 2.6 could not be downloaded: ${String((error as Error).message).split('\n')[0]}`;
  }
}

async function fetchInto(folder: string, mirror: string): Promise<void> {
  const draft = `${folder}.${process.pid}`;
  const at = (...parts: string[]) => join(draft, ...parts);
  try {
    for (const path of ['lists/partial', 'cache/archives/partial', 'root']) await mkdir(at(path), { recursive: true });
    await writeFile(at('sources.list'), `deb [signed-by=${keyring}] ${mirror} trixie main\n`);
    const own = {
      'Dir::Etc::SourceList': at('sources.list'),
      'Dir::Etc::SourceParts': '/dev/null',
      'Dir::State::Lists': at('lists'),
      // Empty, so that libc and all the rest come along.
      'Dir::State::status': '/dev/null',
      'Dir::Cache': at('cache'),
      'APT::Sandbox::User': 'root',
    };
    const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    const apt = (...args: string[]) => execa('apt-get', [...options, '-q', ...args], { timeout: 240_000 });
    await apt('update');
    await apt('install', '-y', '--no-install-recommends', '--download-only', 'kea-dhcp4-server', 'kea-common');
    for (const file of globSync(at('cache', 'archives', '*.deb'))) await execa('dpkg', ['-x', file, at('root')]);
    unpackedKea(at('root'));
    // Somebody else may have been faster.
    await rename(at('root'), folder).catch(error => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Debian 13's Kea is started by Debian 13's loader, with its libraries. Throws when something is missing. */
function unpackedKea(root: string): KeaBuild {
  const found = (pattern: string): string => {
    const [path] = globSync(join(root, pattern));
    if (path === undefined) throw new Error(`${pattern} is not in ${root}`);
    return path;
  };
  const hooks = found('usr/lib/*/kea/hooks');
  const loader = found('usr/lib/*/ld-linux*.so.*');
  return { command: [loader, '--library-path', join(hooks, '..', '..'), found('usr/sbin/kea-dhcp4')], hooks };
}

/** The first mirror of Debian in the machine's own sources, of either form that apt reads. */
function debianMirror(): string | undefined {
  const files = globSync(['/etc/apt/sources.list', '/etc/apt/sources.list.d/*.{list,sources}']);
  const lines = files.flatMap(file => readFileSync(file, 'utf8').split('\n'));
  return lines
    .map(line => /^(?:URIs:|deb\s)(?:\s*\[[^\]]*\])?\s*(\S+\/debian\/?)(?:\s|$)/.exec(line)?.[1])
    .find(uri => uri !== undefined);
}
