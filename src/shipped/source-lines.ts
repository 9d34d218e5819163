import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isPackaged, readPacked } from './shipped.ts';

/** A stack of the one file or of what npm installed, with the files and lines of its sources; a checkout's as it is. */
export function sourceLines(stack: string): string {
  const { SourceMap } = process.getBuiltinModule('node:module');
  const maps = new Map<string, InstanceType<typeof SourceMap> | undefined>();
  const mapOf = (file: string) => {
    if (!maps.has(file)) {
      const text = mapTextOf(file);
      maps.set(file, text === undefined ? undefined : new SourceMap(JSON.parse(text)));
    }
    return maps.get(file);
  };
  return stack.replaceAll(/([^\s(]+):(\d+):(\d+)(?=\)?$)/gm, (place, file, line, column) => {
    // Its lines and columns begin at 0, those of a stack at 1.
    const found = mapOf(file)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found) || !found.originalSource) return place;
    const source = found.originalSource.replace(/^(\.\.\/)+/, '');
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

/** Inside the one file; else beside the script. Of bmtool's own alone: Node's modules are in a stack, too. */
function mapTextOf(file: string): string | undefined {
  if (isPackaged) return readPacked(`${file}.map`)?.toString();
  if (dirname(file) !== dirname(import.meta.url)) return undefined;
  const path = fileURLToPath(`${file}.map`);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
