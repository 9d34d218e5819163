import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './bundle.ts';

/** A package by the folder that it is in. `more`: texts of scripts/licences about what the package brings and has no text for. */
export type Part = { readonly folder: string; readonly more?: readonly string[] };

/** The packages whose code is in a bundle, in the order of their names. */
export function bundledParts({ inputs }: Metafile): Part[] {
  // The last one: a package may have packages of its own below it.
  const folders = Object.keys(inputs).flatMap(path => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []);
  return [...new Set(folders)].sort().map(folder => ({ folder: join(root, folder) }));
}

/** One document with the licence of each part, as its package has it. Where a package has only the licence's name, that is what it says. */
export function licenceTexts(parts: readonly Part[]): string {
  const texts = parts.map(({ folder, more = [] }) => {
    const { name, version, license } = packageIn(folder);
    const title = `${name} ${version} (${license ?? 'no licence named'})`;
    const text = textIn(folder) ?? `Its package has no text of a licence, and names one: ${license}.`;
    const others = more.map(file => readFileSync(join(root, 'scripts', 'licences', file), 'utf8').trim());
    return `${rule}\n${title}\n${rule}\n\n${[text, ...others].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
  });
  return texts.join('\n');
}

const rule = '='.repeat(80);

function packageIn(folder: string) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
}

/** Its licence files; some have it at the end of their README instead. */
function textIn(folder: string): string | undefined {
  const names = readdirSync(folder).sort();
  const files = names.filter(name => /^(licen[cs]e|copying|notice|copyright)/i.test(name));
  if (files.length > 0) return files.map(name => readFileSync(join(folder, name), 'utf8').trim()).join('\n\n');
  const readme = names.find(name => /^readme/i.test(name));
  return readme && /^#+ licen[cs]e\s*\n([\s\S]*)/im.exec(readFileSync(join(folder, readme), 'utf8'))?.[1]?.trim();
}
