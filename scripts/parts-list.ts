import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { root } from './bundle.ts';
import type { Part } from './licences.ts';

type Component = { 'bom-ref': string; scope: string; properties?: { name: string }[] };

type Document = {
  serialNumber?: string;
  metadata: { timestamp?: string; component: { 'bom-ref': string } };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
};

/** The list of parts (CycloneDX): npm's, of what is locked, without what is not inside. */
export async function partsList(parts: readonly Part[]): Promise<string> {
  const { stdout } = await execa('npm', ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx'], { cwd: root });
  const { serialNumber: _, metadata, components, dependencies, ...rest } = JSON.parse(stdout) as Document;
  const { timestamp: __, ...steady } = metadata;
  const own = metadata.component['bom-ref'];
  const inside = new Set([own, ...parts.map(refOf)]);
  const list = {
    ...rest,
    // Without what npm makes anew every time, and named after the package where npm takes the folder's name: two builds are the same, byte for byte.
    metadata: { ...steady, component: { ...metadata.component, name: 'bmtool' } },
    components: components.filter(each => inside.has(each['bom-ref'])).map(asRequired),
    dependencies: dependencies
      .filter(({ ref }) => inside.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter(each => inside.has(each)) })),
  };
  return `${JSON.stringify(list, undefined, 2)}\n`;
}

function refOf({ folder }: Part): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  return `${name}@${version}`;
}

/** For npm what is bundled is a matter of development. */
function asRequired({ properties = [], ...component }: Component) {
  const others = properties.filter(({ name }) => name !== 'cdx:npm:package:development');
  return { ...component, scope: 'required', ...(others.length > 0 && { properties: others }) };
}
