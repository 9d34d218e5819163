import { readShipped } from '../../shipped/shipped.ts';

/** The IEEE registry of address blocks (MA-L): who a MAC address was made by, or for. */
export type OuiRegistry = {
  /** The organisation's name for six hex digits, as registered, without its address. */
  organisation(oui: string): string | undefined;
};

/**
 * The registry as the package oui-data ships it, JSON with a line for each of its 40,000 blocks. Parsed, it would take 34 MB for
 * the ten names that a manifest needs; so the text is searched, and read only when somebody asks.
 */
export function openOuiRegistry(): OuiRegistry {
  let text: Buffer | undefined;
  return {
    organisation(oui) {
      text ??= readShipped('oui-data');
      const start = text.indexOf(`"${oui}"`);
      if (start < 0) return undefined;
      const line = text.toString('utf8', start, text.indexOf('\n', start)).trimEnd().replace(/,$/, '');
      const [name] = Object.values(JSON.parse(`{${line}}`) as Record<string, string>);
      return name?.split('\n')[0];
    },
  };
}
