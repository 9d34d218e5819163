/** What a command takes, declared once: commander, `--help`, shell completion and the types of `run` follow from it. */
export type Argument<T = unknown> = {
  /** Positional arguments are typed bare, `rest` is all that are left of them; options are typed as `--kebab-name`. */
  readonly place: 'positional' | 'rest' | 'option';
  readonly summary: string;
  /** How the value is written in help: `<file>`. Flags have none. */
  readonly placeholder?: string;
  readonly required: boolean;
  readonly choices?: readonly string[];
  /** Where a shell finds what may stand here, when it completes. */
  readonly live?: LiveValues;
  /** Text as typed → value; a string is the reason why not. The words of `rest` are taken as they are. */
  readonly parse: (text: string) => { value: T } | string;
  readonly fallback: T;
};

/** Things that have names at the moment; `files` are the shell's own to know. */
export type LiveValues = 'snapshots' | 'runs' | 'servers' | 'topics' | 'errors' | 'commands' | 'files';

export type Arguments = { readonly [name: string]: Argument };
export type Values<A extends Arguments> = { readonly [K in keyof A]: A[K] extends Argument<infer T> ? T : never };

/** A file to read; `-` is standard input. */
export function file(summary: string): Argument<string> {
  return {
    place: 'positional',
    summary,
    placeholder: 'file',
    required: true,
    parse: keep,
    fallback: '',
    live: 'files',
  };
}

/** A word that must be there. */
export function word(summary: string, placeholder: string, choices?: readonly string[]): Argument<string> {
  return {
    place: 'positional',
    summary,
    placeholder,
    required: true,
    parse: oneOf(choices),
    fallback: '',
    ...(choices && { choices }),
  };
}

/** A word that may be left out. */
export function optionalWord(
  summary: string,
  placeholder: string,
  choices?: readonly string[],
): Argument<string | undefined> {
  return {
    place: 'positional',
    summary,
    placeholder,
    required: false,
    parse: oneOf(choices),
    fallback: undefined,
    ...(choices && { choices }),
  };
}

/** An argument with the names that a shell may offer for it. */
export function live<T>(values: LiveValues, argument: Argument<T>): Argument<T> {
  return { ...argument, live: values };
}

/** All words that are left, perhaps none. */
export function rest(summary: string): Argument<readonly string[]> {
  return { place: 'rest', summary, required: false, parse: typed => ({ value: [typed] }), fallback: [] };
}

export function flag(summary: string): Argument<boolean> {
  return { place: 'option', summary, required: false, parse: text => ({ value: text === 'true' }), fallback: false };
}

export function text(summary: string, placeholder: string): Argument<string | undefined> {
  return { place: 'option', summary, placeholder, required: false, parse: keep, fallback: undefined };
}

/** An option with a value that is one of a few. */
export function option(summary: string, placeholder: string, choices: readonly string[]): Argument<string | undefined> {
  return {
    place: 'option',
    summary,
    placeholder,
    required: false,
    parse: oneOf(choices),
    fallback: undefined,
    choices,
  };
}

/** `on` or `off`, for what is on by itself. */
export function onOff(summary: string, fallback: boolean): Argument<boolean> {
  return {
    place: 'option',
    summary: `${summary} (default: ${fallback ? 'on' : 'off'})`,
    placeholder: 'on|off',
    required: false,
    parse: typed =>
      typed === 'on' || typed === 'off' ? { value: typed === 'on' } : `must be on or off, not "${typed}"`,
    fallback,
  };
}

/** A whole number of at least `least`. */
export function integer(summary: string, placeholder: string, least = 1): Argument<number | undefined> {
  const parse = (typed: string) =>
    /^\d+$/.test(typed) && Number(typed) >= least && Number.isSafeInteger(Number(typed))
      ? { value: Number(typed) }
      : `must be a whole number of at least ${least}, not "${typed}"`;
  return { place: 'option', summary, placeholder, required: false, parse, fallback: undefined };
}

function keep(typed: string): { value: string } {
  return { value: typed };
}

function oneOf(choices: readonly string[] | undefined) {
  return (typed: string) =>
    choices === undefined || choices.includes(typed)
      ? { value: typed }
      : `must be one of ${choices.join(', ')}, not "${typed}"`;
}
