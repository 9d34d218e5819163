import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { execa } from 'execa';
import { findPackage } from '../src/lab/postgres-binaries.ts';
import { schemaFiles } from '../src/shipped/schemas.ts';
import { shippedFiles, shippedPostgres, sourceOf } from '../src/shipped/shipped.ts';
import { bundleScript, root } from './bundle.ts';

/*
 * `npm run package [-- FOLDER]`: dist/bmtool, one file that needs neither Node nor npm, with its SHA256SUMS and what it is made of. Everything comes from
 * node_modules, nothing from the network: the Node inside is the one that runs this script.
 */

const dist = resolve(process.argv[2] ?? join(root, 'dist'));
const work = join(dist, 'work');
const output = join(dist, 'bmtool');
// Only what this makes: the folder may be anybody's.
for (const path of [work, output]) rmSync(path, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const bundle = join(work, 'bmtool.cjs');
const { files } = await bundleScript();
for (const { path, contents } of files) writeFileSync(join(work, basename(path)), contents);

/** Name inside the file → file. */
const assets: Record<string, string> = Object.fromEntries(shippedFiles.map(name => [name, sourceOf(name)]));
for (const [name, path] of compressed()) assets[name] = path;
for (const name of schemaFiles()) assets[name] = join(root, name);
for (const args of [['--help'], ['-h', '--help'], ['--version'], ['-V', '--version']]) {
  const [name = ''] = args;
  assets[name] = join(work, name);
  const { stdout } = await execa(process.execPath, [join(root, 'bin', 'bmtool.js'), args.at(-1) ?? '']);
  writeFileSync(assets[name], `${stdout}\n`);
}

const config = join(work, 'sea.json');
writeFileSync(
  config,
  JSON.stringify({
    // Its name is in the file, and would be another in another folder.
    main: basename(bundle),
    output,
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
    // NODE_OPTIONS of whoever calls is meant for other programs.
    execArgvExtension: 'none',
    assets,
  }),
);
// V8's compiled code depends on chance but for this seed, which is not among the flags that it checks the code by when bmtool starts.
await execa(process.execPath, ['--random-seed=1', `--build-sea=${config}`], { cwd: work });

/** PostgreSQL for `bmtool lab`, and the source map, for the lines of --debug. */
function* compressed(): Generator<[string, string]> {
  const folder = findPackage();
  if (folder === undefined) throw new Error('npm ci without --omit=optional first: PostgreSQL for the lab is missing');
  for (const path of ['package.json', ...filesIn(join(folder, 'native')).map(file => relative(folder, file))])
    yield [`${shippedPostgres}${path}`, compress(join(folder, path), join(shippedPostgres, path))];
  yield ['bmtool.map', compress(`${bundle}.map`, 'bmtool.map')];
}

function compress(path: string, name: string): string {
  const target = join(work, `${name}.zst`);
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

const sbom = await execa('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], { cwd: root });
writeFileSync(join(dist, 'bmtool.cdx.json'), `${JSON.stringify(steady(JSON.parse(sbom.stdout)), undefined, 2)}\n`);

/** Without what npm makes anew every time, and named after the package where npm takes the folder's name: two builds are the same, byte for byte. */
function steady(document: { serialNumber?: string; metadata: { timestamp?: string; component: object } }) {
  const { serialNumber: _, ...rest } = document;
  const { timestamp: __, ...metadata } = rest.metadata;
  return { ...rest, metadata: { ...metadata, component: { ...metadata.component, name: 'bmtool' } } };
}

rmSync(work, { recursive: true });
const sums = ['bmtool', 'bmtool.cdx.json'].map(name => {
  const digest = createHash('sha256')
    .update(readFileSync(join(dist, name)))
    .digest('hex');
  return `${digest}  ${name}\n`;
});
writeFileSync(join(dist, 'SHA256SUMS'), sums.join(''));
process.stdout.write(
  `dist/bmtool: ${(statSync(output).size / 1e6).toFixed(0)} MB, Node ${process.versions.node}\n${sums.join('')}`,
);
