/** A NetBox release as far as the API depends on it. */
export type Version = { readonly major: number; readonly minor: number; readonly text: string };

/**
 * What differs between the versions that bmtool speaks, with the release that brought it in (`since`) or took it away
 * (`until`: the last release that has it). Read in NetBox's source at the tags v4.2.9, v4.4.10, v4.5.10, v4.6.8 and run on 4.7.3.
 */
export const abilities = {
  /** Bearer tokens `nbt_<key>.<secret>`. */
  v2Tokens: { since: '4.5' },
  /** GET authentication-check/ answers who the token is. */
  authenticationCheck: { since: '4.5' },
  /** `?start=<id>`: pages that do not shift when somebody inserts. */
  cursorPages: { since: '4.6' },
  /** ETag and If-Match, on single objects and on lists. */
  ifMatch: { since: '4.6' },
  /** `changelog_message` on every write. */
  changelogMessage: { since: '4.4' },
  /** A refused list names every bad row, by id or by index. */
  namesBadRows: { since: '4.7' },
  /** GET extras/tagged-objects/ lists what carries a tag. */
  taggedObjects: { since: '4.3' },
  /** The rendered context is computed on reading unless `exclude=config_context` says no. */
  configContextOnRead: { since: '4.2', until: '4.6' },
} as const satisfies Record<string, { since: string; until?: string }>;

export type Ability = keyof typeof abilities;

export const oldest = '4.2';
export const newest = '4.7';

/** Reads `4.7.3`, `4.1.11-Docker-3.0.2`, `4.7.0-beta1` and the `API-Version` header's `4.7`. */
export function parseVersion(text: string): Version | undefined {
  const found = /^v?(\d+)\.(\d+)(?:\.\d+)?/.exec(text.trim());
  return found ? { major: Number(found[1]), minor: Number(found[2]), text: text.trim().replace(/^v/, '') } : undefined;
}

export function can(version: Version, ability: Ability): boolean {
  const range: { since: string; until?: string } = abilities[ability];
  return compare(version, range.since) >= 0 && (range.until === undefined || compare(version, range.until) <= 0);
}

/** A sentence why bmtool does not work with this version, or nothing. Newer than known is tried, older refused. */
export function refusal(version: Version): string | undefined {
  return compare(version, oldest) < 0
    ? `NetBox ${version.text} is too old: bmtool needs ${oldest} or later (MAC addresses became objects in 4.2)`
    : undefined;
}

export function isUntried(version: Version): boolean {
  return compare(version, newest) > 0;
}

function compare(version: Version, to: string): number {
  const other = parseVersion(to);
  return other === undefined ? 0 : version.major - other.major || version.minor - other.minor;
}
