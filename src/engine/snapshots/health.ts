import type { Met } from '../../adapters/netbox/netbox.ts';

/** Whether NetBox answers, and with the rows that the snapshot had. */
export type Health = {
  /** What NetBox's silence is like, in words; nothing when it answers. */
  readonly silent: string | undefined;
  /** From the beginning of the look until NetBox gave its first count, milliseconds. */
  readonly answeredMs: number;
  /** What NetBox was asked to count. */
  readonly counts: readonly {
    /** Which objects. */
    readonly what: string;
    /** As many as the snapshot had. */
    readonly expected: number;
    /** As many as NetBox counts. */
    readonly found: number;
  }[];
};

/** Which rows NetBox is asked to count, and what people call them. To ask for more, add a row. */
const asked = [
  ['dcim_device', 'dcim/devices/', 'devices'],
  ['dcim_interface', 'dcim/interfaces/', 'interfaces'],
  ['dcim_macaddress', 'dcim/mac-addresses/', 'MAC addresses'],
  ['ipam_ipaddress', 'ipam/ip-addresses/', 'IP addresses'],
  ['dcim_cable', 'dcim/cables/', 'cables'],
  ['extras_journalentry', 'extras/journal-entries/', 'journal entries'],
] as const satisfies readonly (readonly [table: string, path: string, what: string])[];

/** Asks NetBox for counts through its API. Never throws: a NetBox that does not answer is what this is to find out. */
export async function checkHealth(
  meetNetBox: () => Promise<Met>,
  rows: Readonly<Record<string, number>>,
): Promise<Health> {
  const started = performance.now();
  let answeredMs = 0;
  try {
    const { netbox } = await meetNetBox();
    const count = async (path: string) => {
      const found = await netbox.count(path);
      answeredMs ||= performance.now() - started;
      return found;
    };
    const known = asked.filter(([table]) => rows[table] !== undefined);
    // Without a number to compare with, an answer is still asked for.
    if (known.length === 0) await count(asked[0][1]);
    // One at a time: at this moment all of NetBox's clients want an answer.
    const counts: { what: string; expected: number; found: number }[] = [];
    for (const [table, path, what] of known)
      counts.push({ what, expected: rows[table] ?? 0, found: await count(path) });
    return { silent: undefined, answeredMs, counts };
  } catch (error) {
    return { silent: (error as Error).message, answeredMs: performance.now() - started, counts: [] };
  }
}
