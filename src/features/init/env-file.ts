/** Settings to be in a `.env` file, by their names. */
export type Wanted = Readonly<Record<string, string>>;

/**
 * The text of a `.env` file with these settings in it: where they stand already they are replaced, the others are put at its end. Everything else,
 * comments and order included, stays as it is.
 */
export function withSettings(text: string, wanted: Wanted): string {
  const left = new Map(Object.entries(wanted));
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n');
  const kept = lines.map(line => {
    const name = /^\s*(?:export\s+)?([A-Z_]+)\s*=/.exec(line)?.[1] ?? '';
    const value = left.get(name);
    if (value === undefined) return name in wanted ? undefined : line;
    left.delete(name);
    return lineOf(name, value);
  });
  const added = [...left].map(([name, value]) => lineOf(name, value));
  return `${[...kept.filter(line => line !== undefined), ...added].join('\n')}\n`;
}

/** Quoted where Node's reader, which knows no escapes, would take it otherwise. */
function lineOf(name: string, value: string): string {
  return `${name}=${/^[\w./:@%+~-]*$/.test(value) ? value : `'${value}'`}`;
}

/** What a person types for an address → the URL that bmtool would set: `netbox.example.com` is meant to be https, what is on this machine http. */
export function urlOf(typed: string): string {
  const text = typed
    .trim()
    .replace(/\/+$/, '')
    .replace(/\/api$/, '');
  if (/^[a-z]+:\/\//i.test(text) || text === '') return text;
  return `${/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(text) ? 'http' : 'https'}://${text}`;
}

/** What is wrong with an address, or nothing. */
export function wrongUrl(typed: string): string | undefined {
  // Pasted in the wrong place: it must not be looked up as a name.
  if (/^([0-9a-f]{40}|nbt_.*)$/i.test(typed.trim())) return 'That looks like a token, which is asked for next';
  const text = urlOf(typed);
  if (!/^https?:\/\/./i.test(text) || !URL.canParse(text)) return 'Expected for instance https://netbox.example.com';
  const { username, password, search, hash } = new URL(text);
  return username || password || search || hash ? 'Without a user, a query or a fragment' : undefined;
}

/** What is wrong with a token by its looks. v1 has 40 hexadecimal digits; v2 begins with nbt_ and has a dot. */
export function wrongToken(typed: string): string | undefined {
  if (typed === '') return 'NetBox shows it once when it is made: your name (top right) > API Tokens';
  return /['"\s\\#`$]/.test(typed) ? 'A token has neither blanks nor quotes' : undefined;
}
