/**
 * A journal entry by which bmtool says that a server's cables are inverted. It is written before the first cable moves and deleted
 * after the last one is back, so that at every moment NetBox itself tells where each cable belongs.
 */
export type Entry = {
  readonly id: number;
  readonly deviceId: number;
  readonly inversion: Inversion;
};

/** Two production NICs with the switch ports in which they belong. */
export type Inversion = readonly [Plugged, Plugged];
export type Plugged = { readonly nic: NamedPort; readonly port: NamedPort };
/** An interface: its id, and what a person calls it. */
export type NamedPort = { readonly id: number; readonly name: string };

export const entryKind = 'warning';

/** Only bmtool's own entries begin so; NetBox is asked for them by these words. */
export const entryMark = '**Cable Inversion** (bmtool phase 2)';

/**
 * What people read on the device's page: each NIC with the wrong port it is in and the right one, as links.
 *
 * @param basePath the path at which NetBox's pages begin, without a slash at its end: `''` or `/netbox`
 */
export function entryText(inversion: Inversion, basePath: string): string {
  const [first, second] = inversion;
  const link = ({ id, name }: NamedPort) => `[${name.replaceAll(/[[\]|\\]/g, '')}](${basePath}/dcim/interfaces/${id}/)`;
  return [
    `${entryMark}: the switch ends of two production cables are swapped.`,
    '',
    '| NIC | is in | belongs in |',
    '|---|---|---|',
    `| ${link(first.nic)} | ${link(second.port)} | ${link(first.port)} |`,
    `| ${link(second.nic)} | ${link(first.port)} | ${link(second.port)} |`,
  ].join('\n');
}

/** Reads an entry that `entryText` wrote; nothing for anybody else's text, or for one of ours that somebody wrote more into. */
export function parseEntry(text: string): Inversion | undefined {
  const [title, blank, heads, line, first = '', second = '', ...more] = text.trim().split(/\r?\n/);
  const known = title?.startsWith(entryMark) && blank === '' && heads?.startsWith('| NIC') && line?.startsWith('|--');
  const a = parseRow(first);
  const b = parseRow(second);
  if (!known || more.length > 0 || a === undefined || b === undefined) return undefined;
  const consistent = a.wrong.id === b.right.id && b.wrong.id === a.right.id && a.nic.id !== b.nic.id;
  return consistent
    ? [
        { nic: a.nic, port: a.right },
        { nic: b.nic, port: b.right },
      ]
    : undefined;
}

const link = String.raw`\[([^\]]*)\]\([^)]*/dcim/interfaces/(\d+)/\)`;
const row = new RegExp(String.raw`^\| ${link} \| ${link} \| ${link} \|$`);

function parseRow(text: string): { nic: NamedPort; wrong: NamedPort; right: NamedPort } | undefined {
  const [, nic = '', nicId, wrong = '', wrongId, right = '', rightId] = row.exec(text.trim()) ?? [];
  if (rightId === undefined) return undefined;
  return {
    nic: { id: Number(nicId), name: nic },
    wrong: { id: Number(wrongId), name: wrong },
    right: { id: Number(rightId), name: right },
  };
}
