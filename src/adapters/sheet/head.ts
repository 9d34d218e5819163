export type Separator = ',' | ';' | '\t';
/** `headerFrom`: the line from which on the header is looked for. */
export type HeadLook =
  | { readonly separator: Separator; readonly headerFrom: 1 | 2 }
  | { readonly refusal: string; readonly next: string };

const saveAsCsv = 'Save the sheet as CSV (UTF-8) and try again.';

/** Files that people hand over instead of a CSV, by their first bytes. */
const notText: readonly { readonly magic: readonly number[]; readonly is: string }[] = [
  { magic: [0x50, 0x4b, 0x03, 0x04], is: 'is a workbook or a zip archive, not a CSV file' },
  { magic: [0xd0, 0xcf, 0x11, 0xe0], is: 'is an old Excel workbook, not a CSV file' },
  { magic: [0x1f, 0x8b], is: 'is compressed (gzip)' },
  { magic: [0xff, 0xfe], is: 'is in UTF-16, not UTF-8' },
  { magic: [0xfe, 0xff], is: 'is in UTF-16, not UTF-8' },
];

/** Excel's own first line, which names the separator: not part of the table. */
const separatorLine = /^"?sep=([,;\t])"?[ ]*(?:\r\n|\n|\r|$)/i;

/** Judges a file by its beginning: no text, empty, or a table with this separator (the one that it names, or its first line has most of). */
export function lookAtHead(head: Buffer): HeadLook {
  const known = notText.find(({ magic }) => magic.every((byte, i) => head[i] === byte));
  if (known) return { refusal: known.is, next: saveAsCsv };
  if (head.includes(0)) return { refusal: 'is a binary file', next: saveAsCsv };
  const text = head.toString('utf8').replace(/^\ufeff/, '');
  const named = separatorLine.exec(text);
  const firstLine = text
    .slice(named?.[0].length ?? 0)
    .split(/\r\n|\n|\r/)
    .find(line => line.trim() !== '');
  if (firstLine === undefined) return { refusal: 'is empty', next: 'Expected a header line and one line a server.' };
  if (named !== null) return { separator: named[1] as Separator, headerFrom: 2 };
  const counts = ([',', ';', '\t'] as const).map(separator => ({
    separator,
    count: firstLine.split(separator).length,
  }));
  const best = counts.reduce((a, b) => (b.count > a.count ? b : a));
  return { separator: best.separator, headerFrom: 1 };
}
