import { columns, type Frame, type Row, type Run, rows } from './frames.ts';

/** What is around the frames. */
export type About = {
  readonly title: string;
  /** In the bar, at its right. */
  readonly caption: string;
  /** What was typed: for whoever hears the picture instead of seeing it. */
  readonly lines: readonly string[];
};

const cell = { width: 8.4, height: 18 };
const screen = { width: columns * cell.width, height: rows * cell.height };
const margin = { x: 18, top: 46, bottom: 16 };
const whole = { width: screen.width + 2 * margin.x, height: screen.height + margin.top + margin.bottom };
/** Rows that stand together in many frames are drawn once. */
const rowsOfBlock = 4;

const background = '#1b2028';
/** The 16 colours of a terminal; each but the first can be read on the background. */
const palette = [
  '#5b6472 #f47c7c #7ccf7c #e0b458 #7cb7ff #d79cf0 #66d0d6 #d5dbe3',
  '#98a2b0 #ff9d9d #9be49b #f2cd7d #a3cdff #e6baf8 #90e5ea #ffffff',
]
  .join(' ')
  .split(' ');

/**
 * Frames as an SVG that plays over and over, also in an `<img>`: no script, no font from elsewhere. The frames stand beside each other and are moved past
 * a window. Whoever wants nothing that moves, and programs that cannot play it, have the last one.
 */
export function animatedSvg(frames: readonly Frame[], totalMs: number, { title, caption, lines }: About): string {
  const drawn = openDrawn();
  const strip = frames.map((frame, i) => `<g transform="translate(${i * screen.width})">${frameSvg(frame, drawn)}</g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${whole.width} ${whole.height}" width="${whole.width}" height="${whole.height}" role="img">
<title>${escaped(title)}</title>
<desc>${escaped(lines.join('\n'))}</desc>
<style>
${styles(frames, totalMs)}
</style>
<defs>
${drawn.all().join('\n')}
</defs>
<rect x=".5" y=".5" width="${whole.width - 1}" height="${whole.height - 1}" rx="9" fill="${background}" stroke="#48515f"/>
<g fill="#48515f"><circle cx="20" cy="18" r="5"/><circle cx="37" cy="18" r="5"/><circle cx="54" cy="18" r="5"/></g>
<text class="c8" x="${whole.width / 2}" y="22" text-anchor="middle">bmtool</text>
<text class="c8 s" x="${whole.width - margin.x}" y="22" text-anchor="end">${escaped(caption)}</text>
<svg x="${margin.x}" y="${margin.top}" width="${screen.width}" height="${screen.height}"><g class="film">
${strip.join('\n')}
</g></svg>
</svg>
`;
}

function styles(frames: readonly Frame[], totalMs: number): string {
  const move = (i: number) => `transform:translateX(${-i * screen.width}px)`;
  const keys = frames.map(({ atMs }, i) => `${Number(((100 * atMs) / totalMs).toFixed(3))}%{${move(i)}}`);
  return [
    'text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d5dbe3}',
    '.b{font-weight:700}.d{fill-opacity:.65}.s{font-size:11px}',
    palette.map((colour, i) => `.c${i}{fill:${colour}}`).join(''),
    `.film{animation:film ${totalMs / 1000}s steps(1,end) infinite;${move(frames.length - 1)}}`,
    `@keyframes film{${keys.join('')}}`,
    '@media (prefers-reduced-motion:reduce){.film{animation:none}}',
  ].join('\n');
}

type Drawn = ReturnType<typeof openDrawn>;

/** What is drawn once and used by its name. */
function openDrawn() {
  const names = new Map<string, string>();
  return {
    name(svg: string): string {
      const name = names.get(svg) ?? `g${names.size}`;
      names.set(svg, name);
      return name;
    },
    all: () => [...names].map(([svg, name]) => `<g id="${name}">${svg}</g>`),
  };
}

function frameSvg(frame: Frame, drawn: Drawn): string {
  const { cursor } = frame;
  const blocks = [...Map.groupBy(frame.rows.entries(), ([i]) => Math.floor(i / rowsOfBlock)).values()].map(block =>
    block.map(([, row]) => row),
  );
  const uses = blocks.map((block, i) => used(blockSvg(block, drawn), i * rowsOfBlock, drawn));
  return uses.join('') + (cursor ? cursorSvg(cursor.row, cursor.column) : '');
}

const blockSvg = (block: readonly Row[], drawn: Drawn) =>
  block.map((row, i) => used(row.map(runSvg).join(''), i, drawn)).join('');

function used(svg: string, row: number, drawn: Drawn): string {
  if (svg === '') return '';
  const y = row === 0 ? '' : ` y="${row * cell.height}"`;
  return `<use href="#${drawn.name(svg)}"${y}/>`;
}

function runSvg({ column, width, text, style }: Run): string {
  const fits =
    width === 1
      ? ''
      : ` textLength="${across(width)}"${/^[ -~]+$/.test(text) ? '' : ' lengthAdjust="spacingAndGlyphs"'}`;
  return `<text${style && ` class="${style}"`} x="${across(column)}" y="14"${fits}>${escaped(text)}</text>`;
}

const cursorSvg = (row: number, column: number) =>
  `<rect x="${across(column)}" y="${row * cell.height + 1}" width="8" height="16" fill="#98a2b0"/>`;

const across = (cells: number) => Number((cells * cell.width).toFixed(1));

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string) => text.replaceAll(/[&<>]/g, found => entities[found] ?? found);
