import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleModules, root } from './bundle.ts';
import { bundledParts, licenceTexts } from './licences.ts';

/*
 * Before `npm pack`: dist/npm, the JavaScript that npm installs. What it reads beside itself (snapshots, schemas, the lab's Python) is in the
 * package where it is in the sources; `files` of package.json names it.
 */

const folder = join(root, 'dist', 'npm');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const { files, metafile } = await bundleModules();
for (const { path, contents } of files) writeFileSync(path, contents);
writeFileSync(join(folder, 'LICENSES.txt'), licenceTexts(bundledParts(metafile)));
