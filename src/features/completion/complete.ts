import type { LiveValues } from '../../cli/arguments.ts';
import type { CommandPage, Manual } from '../../manual.ts';

/** A word that may stand where the cursor is, with a word about it. */
export type Offer = { readonly value: string; readonly says: string };

/** What may stand there: these words, names that have to be looked up, or nothing that bmtool knows. */
export type Completion = { readonly words: readonly Offer[]; readonly live?: LiveValues };

type Pages = Pick<Manual, 'commands' | 'groups' | 'commonFlags' | 'settings' | 'topics' | 'errors'>;
type Parameter = Pick<CommandPage['positionals'][number], 'says' | 'choices' | 'live'>;

/**
 * What may stand in place of the last word, by those before it.
 *
 * @param typed the words behind `bmtool`; the last is the one being typed, perhaps empty
 */
export function complete(typed: readonly string[], manual: Pages): Completion {
  const word = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const command = commandOf(before, manual);
  const waiting = command && flagThatWaits(before, command, manual);
  if (command && waiting) return offer(waiting, word);
  const ended = before.includes('--');
  if (word.startsWith('-') && !ended)
    return startingWith(command ? flagsFor(command, before, manual) : startFlags, word);
  const children = ended ? [] : childrenOf(bareWords(before, command, manual), manual);
  const here = command && positionalAt(command, before, manual);
  const offered = here
    ? (offerAbout(here, bareWords(before, command, manual), word, manual) ?? offer(here, word))
    : { words: [] };
  return { ...offered, words: [...startingWith(children, word).words, ...offered.words] };
}

const startFlags: readonly Offer[] = [
  { value: '--help', says: 'show help' },
  { value: '--version', says: 'print the version' },
];

/** The command that these words lead to; of a group that stands alone, the command it means. */
function commandOf(before: readonly string[], { commands, groups }: Pages): CommandPage | undefined {
  const bare = before.filter(word => !word.startsWith('-'));
  const named = commands
    .filter(({ path }) => path.split(' ').every((part, i) => bare[i] === part))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (named) return named;
  const group = Object.keys(groups)
    .filter(name => name.split(' ').every((part, i) => bare[i] === part))
    .sort((a, b) => b.length - a.length)[0];
  return group === undefined ? undefined : commands.find(({ path }) => path === groups[group]?.alone);
}

/** Commands and groups one word further than these. */
function childrenOf(bare: readonly string[], { commands, groups }: Pages): Offer[] {
  const prefix = bare.length === 0 ? '' : `${bare.join(' ')} `;
  const next = new Map<string, Offer>();
  for (const { path, summary } of commands) {
    if (!path.startsWith(prefix)) continue;
    const [value = '', ...more] = path.slice(prefix.length).split(' ');
    if (!next.has(value))
      next.set(value, { value, says: more.length > 0 ? (groups[`${prefix}${value}`]?.says ?? '') : summary });
  }
  return [...next.values()];
}

function takesValue(word: string, command: CommandPage, { commonFlags, settings }: Pages): boolean {
  const flag = [...command.flags, ...commonFlags].find(one => one.flag === word);
  return flag ? flag.placeholder !== undefined : settings.some(one => one.flag === word);
}

/** The flag right before the cursor, when what is typed is its value. */
function flagThatWaits(before: readonly string[], command: CommandPage, manual: Pages): Parameter | undefined {
  const last = before.at(-1) ?? '';
  if (!last.startsWith('--') || last === '--' || !takesValue(last, command, manual)) return undefined;
  const { says, choices, placeholder, live } = command.flags.find(({ flag }) => flag === last) ?? { says: '' };
  const asFile = placeholder === 'file' || placeholder === 'dir' ? ('files' as const) : live;
  const either = placeholder === 'on|off' ? ['on', 'off'] : choices;
  return { says, ...(either && { choices: either }), ...(asFile && { live: asFile }) };
}

/** Words that are neither flags nor their values. */
function bareWords(before: readonly string[], command: CommandPage | undefined, manual: Pages): string[] {
  return before.filter((word, i) => {
    const previous = before[i - 1] ?? '';
    return !word.startsWith('-') && !(command && previous.startsWith('--') && takesValue(previous, command, manual));
  });
}

function positionalAt(command: CommandPage, before: readonly string[], manual: Pages): Parameter | undefined {
  const bare = bareWords(before, command, manual);
  const path = command.path.split(' ');
  const typedPath = path.filter((part, i) => bare[i] === part).length;
  const index = bare.length - typedPath;
  return command.positionals[index] ?? command.positionals.find(({ many }) => many);
}

function flagsFor(command: CommandPage, before: readonly string[], { commonFlags, settings }: Pages): Offer[] {
  const own = [...command.flags, ...commonFlags].map(({ flag, says }) => ({ value: flag, says }));
  const overriding = settings.flatMap(({ flag, says }) => (flag ? [{ value: flag, says }] : []));
  return [...own, { value: '--help', says: 'show help' }, ...overriding].filter(({ value }) => !before.includes(value));
}

/** Words about bmtool itself, which the manual knows: `help snap…`, `man dhcp dead …`. */
function offerAbout({ live }: Parameter, bare: readonly string[], word: string, manual: Pages): Completion | undefined {
  if (live === 'errors')
    return startingWith(
      manual.errors.map(({ code, title }) => ({ value: code, says: title })),
      word,
    );
  if (live !== 'topics' && live !== 'commands') return undefined;
  const about = bare.slice(bare[1] === 'show' ? 2 : 1);
  const topics = live === 'topics' && about.length === 0 ? manual.topics : [];
  return startingWith([...topics.map(({ name, says }) => ({ value: name, says })), ...childrenOf(about, manual)], word);
}

function offer({ says, choices, live }: Parameter, word: string): Completion {
  const words = startingWith(
    (choices ?? []).map(value => ({ value, says })),
    word,
  ).words;
  return live === undefined ? { words } : { words, live };
}

/** In which case they are typed does not matter. */
export function startingWith(offers: readonly Offer[], word: string): { readonly words: readonly Offer[] } {
  const typed = word.toLowerCase();
  return { words: offers.filter(({ value }) => value.toLowerCase().startsWith(typed)) };
}
