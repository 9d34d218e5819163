import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateFleet } from '../src/lab/fleet/generate.ts';
import { fleetManifest } from '../src/lab/fleet/manifest.ts';
import { manifestFiles } from '../src/lab/fleet/manifests.ts';

/* npm run lab:manifests: writes fixtures/manifests anew. The unit test of the base says when that is due. */

const base = { servers: 601, seed: 1 };
const folder = join(import.meta.dirname, '..', 'fixtures', 'manifests');
const fleet = generateFleet(base);

mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(manifestFiles(fleet, fleetManifest(fleet, base.seed)))) {
  writeFileSync(join(folder, name), content);
}
