import { readPacked } from './shipped.ts';

/** A stack of the one file, with the files and lines of its sources; a checkout's as it is. */
export function sourceLines(stack: string): string {
  const text = readPacked('bmtool.map');
  if (text === undefined) return stack;
  const { SourceMap } = process.getBuiltinModule('node:module');
  const map = new SourceMap(JSON.parse(text.toString()));
  return stack.replaceAll(/([^\s(]+):(\d+):(\d+)(?=\)?$)/gm, (place, _file, line, column) => {
    // Its lines and columns begin at 0, those of a stack at 1.
    const found = map.findEntry(Number(line) - 1, Number(column) - 1);
    if (!('originalSource' in found) || !found.originalSource) return place;
    const source = found.originalSource.replace(/^(\.\.\/)+/, '');
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}
