import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Metafile } from 'esbuild';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** What bundles have in common: of bmtool's own and of packages' code only what bin/bmtool.js can reach, loaded when it is needed. */
const common = {
  absWorkingDir: root,
  entryPoints: [join('bin', 'bmtool.js')],
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

/** One script, for the one file: `bmtool.cjs` and its map. */
export async function bundleScript(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...common,
    format: 'cjs',
    // Not where it is written: the places of sources in the map go out from here, and are the same in every build.
    outfile: join('dist', 'work', 'bmtool.cjs'),
    sourcemap: 'external',
    // Only checkouts look beside themselves, see src/shipped/shipped.ts.
    define: { 'import.meta.url': '"file:///"' },
  });
  return { files: outputFiles, metafile };
}

/**
 * Modules with their maps, for what npm installs: `dist/npm/bmtool.js` and what it loads when it is needed. Two folders below the root as the
 * sources are, so that `../../snapshots/…` means the same in both.
 */
export async function bundleModules(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...common,
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
