import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { constants, zstdCompressSync } from 'node:zlib';
import { execa } from 'execa';
import { schemaFiles } from '../src/shipped/schemas.ts';
import { shippedFiles, shippedPostgres, sourceOf } from '../src/shipped/shipped.ts';
import { findBinaries } from './binaries.ts';
import { bundleScripts, root } from './bundle.ts';
import { bundledParts, licenceTexts, type Part } from './licences.ts';
import { partsList } from './parts-list.ts';

/*
 * `npm run package [-- FOLDER] [-- --arch arm64]`: dist/bmtool, one file that needs neither Node nor npm, with its SHA256SUMS, what it is made of and the
 * licences of that. Everything comes from node_modules, nothing from the network: the Node inside is the one that runs this script. For another
 * architecture npm fetches its Node and PostgreSQL once.
 */

const { values, positionals } = parseArgs({ allowPositionals: true, options: { arch: { type: 'string' } } });
const { arch = process.arch } = values;
const isOwn = arch === process.arch;
const dist = resolve(positionals[0] ?? join(root, 'dist'));
/** Files for this machine's architecture have plain names. */
const suffix = isOwn ? '' : `-${arch}`;
const name = `bmtool${suffix}`;
const work = join(dist, `${name}.work`);
const output = join(dist, name);
// Only what this makes: the folder may be anybody's.
for (const path of [work, output]) rmSync(path, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const binaries = await findBinaries(arch);
const { files, metafile } = await bundleScripts();
for (const { path, contents } of files) writeFileSync(join(work, basename(path)), contents);
const mainScript = join(work, 'main.cjs');
// V8's compiled code depends on chance but for this seed, which is not among the flags that it checks the code by when bmtool starts.
const fixedSeed = '--random-seed=1';

/** Name inside the file → file. */
const assets: Record<string, string> = Object.fromEntries(shippedFiles.map(file => [file, sourceOf(file)]));
for (const [asset, path] of compressed()) assets[asset] = path;
for (const file of schemaFiles()) assets[file] = join(root, file);
assets['main.cjs'] = mainScript;
// V8 compiles for the machine that it runs on.
if (isOwn) {
  assets['main.code'] = join(work, 'main.code');
  await execa(process.execPath, [fixedSeed, join(root, 'scripts', 'compile-main.ts'), mainScript, assets['main.code']]);
}
for (const args of [['--help'], ['-h', '--help'], ['--version'], ['-V', '--version']]) {
  const [asset = ''] = args;
  assets[asset] = join(work, asset);
  const { stdout } = await execa(process.execPath, [join(root, 'bin', 'bmtool.js'), args.at(-1) ?? '']);
  writeFileSync(assets[asset], `${stdout}\n`);
}

const config = join(work, 'sea.json');
writeFileSync(
  config,
  JSON.stringify({
    // Its name is in the file, and would be another in another folder.
    main: 'bmtool.cjs',
    output,
    executable: binaries.node,
    disableExperimentalSEAWarning: true,
    useCodeCache: isOwn,
    // NODE_OPTIONS of whoever calls is meant for other programs.
    execArgvExtension: 'none',
    assets,
  }),
);
await execa(process.execPath, [fixedSeed, `--build-sea=${config}`], { cwd: work });

/** PostgreSQL for `bmtool lab`, and the source maps, for the lines of --debug. */
function* compressed(): Generator<[string, string]> {
  const folder = binaries.postgresPackage;
  for (const path of ['package.json', ...filesIn(join(folder, 'native')).map(file => relative(folder, file))])
    yield [`${shippedPostgres}${path}`, compress(join(folder, path), join(shippedPostgres, path))];
  for (const map of ['bmtool.cjs.map', 'main.cjs.map']) yield [map, compress(join(work, map), map)];
}

function compress(path: string, asset: string): string {
  const target = join(work, `${asset}.zst`);
  mkdirSync(dirname(target), { recursive: true });
  const params = { [constants.ZSTD_c_compressionLevel]: 12 };
  writeFileSync(target, zstdCompressSync(readFileSync(path), { params }));
  return target;
}

/** In the order of their names, whatever the disk says. Links are made anew where the files are written out: see `linkLibraries`. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
}

const parts: Part[] = [
  ...bundledParts(metafile),
  { folder: dirname(sourceOf('oui-data')) },
  { folder: binaries.nodePackage },
  { folder: binaries.postgresPackage, more: ['postgresql.txt', 'postgresql-libraries.txt'] },
];
writeFileSync(join(dist, `${name}.cdx.json`), await partsList(parts));
writeFileSync(join(dist, `LICENSES${suffix}.txt`), licenceTexts(parts));

rmSync(work, { recursive: true });
/** Of all architectures that have been made here. */
const made = ['', '-arm64', '-x64']
  .flatMap(each => [`bmtool${each}`, `bmtool${each}.cdx.json`, `LICENSES${each}.txt`])
  .filter(each => existsSync(join(dist, each)));
const sums = made.map(
  each =>
    `${createHash('sha256')
      .update(readFileSync(join(dist, each)))
      .digest('hex')}  ${each}\n`,
);
writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
process.stdout.write(
  `dist/${name}: ${(statSync(output).size / 1e6).toFixed(0)} MB, Node ${process.versions.node}\n${sums.join('')}`,
);
