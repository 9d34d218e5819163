import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { onCut } from './leave-nothing.ts';
import type { Absent } from './peers.ts';

/** A file system whose files can share blocks, in a file of its own that is mounted. */
export type SharedBlocks = AsyncDisposable & { readonly folder: string };

/** The program, what is said to it, and the Debian packages in which it and its libraries are. To try another, add a row. */
const kinds = [
  { kind: 'xfs', mkfs: 'mkfs.xfs', args: ['-q', '-m', 'reflink=1'], packages: ['xfsprogs', 'libinih1', 'liburcu8'] },
  { kind: 'btrfs', mkfs: 'mkfs.btrfs', args: ['-q'], packages: ['btrfs-progs'] },
] as const;

const imageBytes = 12e9;

/** Tries one kind after another; it takes root, a loop device and a kernel that knows the file system. Nothing but a reason where there is none. */
export async function openSharedBlocks(inFolder: string): Promise<SharedBlocks | Absent> {
  const tried: string[] = [];
  for (const { kind, mkfs, args, packages } of kinds) {
    const image = join(inFolder, `${kind}.img`);
    const folder = join(inFolder, kind);
    try {
      const { program, env } = await findProgram(mkfs, packages, inFolder);
      await writeFile(image, '');
      await truncate(image, imageBytes);
      await execa(program, [...args, image], { env });
      await mkdir(folder, { recursive: true });
      await execa('mount', ['-o', 'loop', image, folder]);
    } catch (error) {
      await rm(image, { force: true });
      tried.push(`${kind}: ${String((error as { shortMessage?: string }).shortMessage ?? error).slice(0, 160)}`);
      continue;
    }
    const forget = onCut(() => execFileSync('umount', ['-l', folder]));
    return {
      folder,
      async [Symbol.asyncDispose]() {
        await execa('umount', [folder]);
        await rm(image);
        forget();
      },
    };
  }
  return { absent: tried.join('; ') };
}

/** Where the machine does not have it, the packages are unpacked beside the image; nothing is installed. */
async function findProgram(name: string, packages: readonly string[], folder: string) {
  const known = ['/usr/sbin', '/sbin', '/usr/bin'].map(place => join(place, name)).find(existsSync);
  if (known !== undefined) return { program: known, env: {} };
  const place = join(folder, `${name}-packages`);
  await mkdir(place, { recursive: true });
  await execa('apt-get', ['download', ...packages], { cwd: place });
  for (const file of await readdir(place))
    if (file.endsWith('.deb')) await execa('dpkg', ['-x', join(place, file), join(place, 'root')]);
  const root = join(place, 'root');
  const program = ['sbin', 'usr/sbin', 'bin', 'usr/bin'].map(part => join(root, part, name)).find(existsSync);
  if (program === undefined) throw new Error(`${packages.join(', ')} have no ${name}`);
  const architecture = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  const libraries = [join(root, 'usr/lib', architecture), join(root, 'lib', architecture)];
  return { program, env: { LD_LIBRARY_PATH: libraries.join(':') } };
}
