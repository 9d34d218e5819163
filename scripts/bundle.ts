import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));
const starter = join('bin', 'bmtool.js');

/** What bundles have in common: of bmtool's own and of packages' code only what can be reached, loaded when it is needed. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: `node${process.versions.node}`,
  write: false,
  metafile: true,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  // No bytes beyond ASCII: V8 then keeps a character in one byte.
  charset: 'ascii',
  logLevel: 'warning',
} as const satisfies BuildOptions;

export type Bundle = { readonly files: readonly BundleFile[]; readonly metafile: Metafile };
type BundleFile = { readonly path: string; readonly contents: Uint8Array };

/**
 * Two scripts, for the one file: `bmtool.cjs`, which is in every start, and `main.cjs`, which that one loads for what is no hook's call; and their maps.
 * The second is an expression, a function of `require` that gives what src/main.ts exports.
 */
export async function bundleScripts(): Promise<Bundle> {
  const scripts = {
    ...common,
    format: 'cjs',
    // Only checkouts look beside themselves, see src/shipped/shipped.ts.
    define: { 'import.meta.url': '"file:///"' },
    sourcemap: 'external',
  } as const satisfies BuildOptions;
  const start = await build({
    ...scripts,
    entryPoints: [starter],
    external: ['../src/main.ts'],
    // Not where it is written: the places of sources in the map go out from here, and are the same in every build.
    outfile: join('dist', 'work', 'bmtool.cjs'),
  });
  const main = await build({
    ...scripts,
    entryPoints: [join('src', 'main.ts')],
    // A script that is no module has nobody to ask: Node's own modules are required where they are needed.
    supported: { 'dynamic-import': false },
    outfile: join('dist', 'work', 'main.cjs'),
    banner: { js: '(function(require){var module={exports:{}};' },
    footer: { js: 'return module.exports})' },
  });
  return { files: inAscii([...start.outputFiles, ...main.outputFiles]), metafile: main.metafile };
}

/** `charset` is about strings: what stands in a regular expression goes out as it is, and is read back as something else. */
function inAscii(files: readonly BundleFile[]): readonly BundleFile[] {
  for (const { path, contents } of files) {
    const text = path.endsWith('.map') ? '' : Buffer.from(contents).toString('utf8');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII begins with them
    const at = text.search(/[^\u0000-\u007f]/);
    if (at >= 0)
      throw new Error(
        `${path} is not all ASCII: write the pattern as a string in ${text.slice(Math.max(0, at - 60), at + 60)}`,
      );
  }
  return files;
}

/**
 * Modules with their maps, for what npm installs: `dist/npm/bmtool.js` and what it loads when it is needed. Two folders below the root as the
 * sources are, so that `../../snapshots/…` means the same in both.
 */
export async function bundleModules(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: [starter],
    format: 'esm',
    splitting: true,
    outdir: join('dist', 'npm'),
    chunkNames: '[name]-[hash]',
    sourcemap: 'external',
    sourcesContent: false,
    // CommonJS packages ask for Node's modules; all others are in the bundle.
    banner: { js: 'const require=name=>process.getBuiltinModule(name);' },
  });
  return { files: outputFiles, metafile };
}
