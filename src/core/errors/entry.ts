import type { ExitCode } from '../failure.ts';

/** What is known of one kind of trouble, whatever it has happened to. */
export type ErrorEntry = {
  /** `BM-201`: a promise to people who search for it. Never given to another trouble, never changed; a kind that has gone leaves its number empty. */
  readonly code: `BM-${number}`;
  readonly exit: ExitCode;
  /** A few words without a full stop. */
  readonly title: string;
  /** Paragraphs with empty lines between them, wrapped anew where they are shown; a line that is indented further is a command, one a line. */
  readonly says: string;
};

export type ErrorTable = Readonly<Record<string, ErrorEntry>>;

/** A piece of `says`: a paragraph on one line, or commands as they are typed, with a comment behind `#` where one is. */
export type ErrorPart = { readonly paragraph: string } | { readonly commands: readonly string[] };

export function partsOf(says: string): ErrorPart[] {
  const lines = says.replace(/^\n+|\s+$/g, '').split('\n');
  const margin = /^ */.exec(lines[0] ?? '')?.[0].length ?? 0;
  const blocks = lines
    .map(line => line.slice(margin))
    .join('\n')
    .split(/\n\n+/);
  return blocks.map(block =>
    block.startsWith('  ')
      ? { commands: block.split('\n').map(line => line.trim()) }
      : { paragraph: block.replaceAll('\n', ' ') },
  );
}
