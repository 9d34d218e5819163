import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { framesOf } from '../scripts/recording/frames.ts';
import { paceTakes, type Take } from '../scripts/recording/pace.ts';
import { animatedSvg } from '../scripts/recording/svg.ts';
import { story } from '../scripts/recording.ts';
import { parseArguments } from '../src/cli/program.ts';
import { commands } from '../src/commands.ts';

const about = { title: 'a title', caption: 'waits shortened', lines: ['bmtool a && b <c>'] };

/** What is wrong with a document as XML 1.0, as far as a picture uses it: nothing when its tags match and no text has a loose `<` or `&`. */
function xmlFault(text: string): string | undefined {
  const open: string[] = [];
  let at = 0;
  for (const tag of text.matchAll(/<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<&]*")*)(\/?)>/g)) {
    const between = text.slice(at, tag.index);
    if (/<|&(?!(?:amp|lt|gt);)/.test(between) || (open.length === 0 && between.trim())) return `in "${between}"`;
    at = tag.index + tag[0].length;
    const [, closes, name = '', attributes = '', isEmpty] = tag;
    const names = [...attributes.matchAll(/ ([a-zA-Z:-]+)=/g)].map(([, each]) => each);
    if (new Set(names).size < names.length) return `twice in ${tag[0]}`;
    if (closes && open.pop() !== name) return `${tag[0]} closes what is not open`;
    if (!closes && !isEmpty) open.push(name);
  }
  return open.length > 0 || text.slice(at).trim() ? `open at the end: ${open}` : undefined;
}

/** Where the texts of a picture end, of 80 columns. */
function widths(svg: string): number[] {
  return [...svg.matchAll(/<text[^>]* x="([\d.]+)" y="14"(?: textLength="([\d.]+)")?/g)].map(
    ([, x, length]) => (Number(x) + Number(length ?? 8.4)) / 8.4,
  );
}

describe('pace', () => {
  const take = (heard: Take['heard'], mostMs = 60_000): Take => ({ line: 'ab', heard, mostMs, holdMs: 2_000 });

  test('what was written comes after what was typed, and a silence of more than 1.5 s is one of 1 s', () => {
    const heard = [100, 1_500, 9_000].map(atMs => ({ atMs, text: `${atMs} ` }));
    const { writes, totalMs } = paceTakes([take(heard)]);
    const said = writes.map(({ text }) => text.replace('\u001b[22m', ''));
    expect(said.slice(1, -1)).toEqual(['a', 'b', '\r\n', '100 ', '1500 ', '9000 ']);
    const enter = writes.find(({ text }) => text.endsWith('\r\n'))?.atMs ?? 0;
    expect(writes.slice(-4).map(({ atMs }) => atMs - enter)).toEqual([100, 1_500, 2_500, 2_500]);
    expect(totalMs).toBe(enter + 2_500 + 2_000);
  });

  test('no command takes longer than it may, and nothing changes its place', () => {
    const waits = fc.array(fc.nat(5_000), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(waits), fc.integer({ min: 100, max: 5_000 }), (all, mostMs) => {
        const heard = all.map(ms =>
          ms.map((_, i) => ({ atMs: ms.slice(0, i + 1).reduce((a, b) => a + b), text: '.' })),
        );
        const { writes, totalMs } = paceTakes(heard.map(each => take(each, mostMs)));
        const times = writes.map(({ atMs }) => atMs);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect(writes.map(({ text }) => text).filter(text => text === '.')).toHaveLength(all.flat().length);
        // Half a second at first; two keys and Enter.
        expect(totalMs).toBeLessThanOrEqual(500 + all.length * (322 + mostMs + 2_000) + 1e-6);
      }),
    );
  });
});

describe('frames', () => {
  const rowsOf = async (text: string) => (await framesOf([{ atMs: 0, text }], 100)).at(-1)?.rows ?? [];

  test('are as many as looks differ, and no more than one in their time', async () => {
    const writes = [0, 10, 20, 130, 250, 390].map(atMs => ({ atMs, text: atMs === 250 ? '\u001b[0m' : '.' }));
    expect((await framesOf(writes, 100)).map(({ atMs }) => atMs)).toEqual([0, 100, 300]);
  });

  test('have what looks the same together, from the column where it stands', async () => {
    const [row] = await rowsOf('\u001b[32m✓\u001b[39m  a b   c \u001b[1;2md\u001b[0m');
    expect(row).toEqual([
      { column: 0, width: 1, text: '✓', style: 'c2' },
      { column: 3, width: 3, text: 'a b', style: '' },
      { column: 9, width: 1, text: 'c', style: '' },
      { column: 11, width: 1, text: 'd', style: 'b d' },
    ]);
    expect((await rowsOf('██ █░'))[0]?.map(({ text }) => text)).toEqual(['██', '█', '░']);
  });

  test('show what a terminal of 80 x 24 shows, and its cursor where it is not hidden', async () => {
    const text = Array.from({ length: 30 }, (_, i) => `row ${i}`).join('\r\n');
    const [first, second] = await framesOf(
      [
        { atMs: 0, text },
        { atMs: 100, text: '\u001b[?25l' },
      ],
      100,
    );
    expect(first?.rows.map(row => row[0]?.text)).toEqual(Array.from({ length: 24 }, (_, i) => `row ${i + 6}`));
    expect(first?.cursor).toEqual({ row: 23, column: 6 });
    expect(second).not.toHaveProperty('cursor');
  });

  test('refuse a colour that the picture has not', async () => {
    await expect(framesOf([{ atMs: 0, text: '\u001b[38;5;99mx' }], 100)).rejects.toThrow('"x" has a colour');
  });
});

describe('the picture', () => {
  test('is well-formed whatever was written, and no row is wider than the terminal', async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom(...'ab<>&"\'; \n→█'), maxLength: 200 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(texts, async all => {
        const frames = await framesOf(
          all.map((text, i) => ({ atMs: i * 100, text })),
          100,
        );
        const svg = animatedSvg(frames, all.length * 100, about);
        expect(xmlFault(svg)).toBeUndefined();
        expect(Math.max(0, ...widths(svg))).toBeLessThanOrEqual(80.01);
      }),
      { numRuns: 30 },
    );
  });

  test('changes when its frames do, for as long as it all takes', async () => {
    const frames = await framesOf(
      [0, 500, 1_500].map((atMs, i) => ({ atMs, text: `${i}` })),
      100,
    );
    const svg = animatedSvg(frames, 4_000, about);
    expect(svg).toContain('animation:film 4s steps(1,end) infinite');
    expect([...svg.matchAll(/([\d.]+)%\{transform/g)].map(([, at]) => at)).toEqual(['0', '12.5', '37.5']);
  });

  test('draws a row once, however often it stands there', async () => {
    const texts = Array.from({ length: 100 }, (_, i) => `${'words '.repeat(13)}\r\n${i % 2 ? 'x' : ''}`);
    const frames = await framesOf(
      texts.map((text, i) => ({ atMs: i * 100, text })),
      100,
    );
    const svg = animatedSvg(frames, 10_000, about);
    expect(svg.split('words words').length).toBeLessThan(15);
    expect(svg.length).toBeLessThan(60_000);
  });
});

describe('docs/recording.svg', () => {
  const svg = readFileSync(new URL('../docs/recording.svg', import.meta.url), 'utf8');

  test('is a picture for the first page: well-formed, by itself, small, neither too short nor too long', () => {
    expect(xmlFault(svg)).toBeUndefined();
    expect(svg).not.toMatch(/<script|<foreignObject|@import|url\(|href="[^#]/);
    expect(svg.length).toBeLessThan(400_000);
    expect(Math.max(...widths(svg))).toBeLessThanOrEqual(80.01);
    const seconds = Number(/animation:film ([\d.]+)s/.exec(svg)?.[1]);
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThan(45);
  });

  test('shows the story as scripts/recording.ts has it', () => {
    const lines = story.map(({ line }) => line);
    expect(/<desc>([^<]*)<\/desc>/.exec(svg)?.[1], 'run: npm run recording').toBe(lines.join('\n'));
  });

  test.for(story.filter(({ line }) => line.startsWith('bmtool ')))('$line is a command that there is', ({ line }) => {
    expect(parseArguments(line.split(' ').slice(1), commands, [], '0').kind).toBe('run');
  });

  test('tells nothing of where it was made', () => {
    expect(svg).not.toMatch(/@(?!demo\b|keyframes\b|media\b)\w/);
    expect(svg).not.toMatch(/\/(?:home|root|Users)\//);
    expect(svg).not.toContain(process.cwd());
  });
});
