/** What bmtool finds on this machine without asking anybody over the network. */
export type Situation = {
  /** Where the setting NETBOX_URL came from: nobody's words, a lab that runs here, or somebody's. */
  readonly netbox: 'none' | 'lab' | 'named';
  /** A run that was cut short, newest first. */
  readonly cutShort: { readonly id: string; readonly command: string } | undefined;
  /** Lease events in the spool that no worker has worked off. */
  readonly waiting: number;
  readonly hasRuns: boolean;
};

/** A command that could be typed. */
export type NextStep = {
  /** The whole line. */
  readonly line: string;
  /** What it is good for. */
  readonly says: string;
};

/** When → what to type next. The first rows are the most urgent; to change what the start page says, change a row. */
const steps: readonly (NextStep & { readonly when: (now: Situation) => boolean })[] = [
  { when: now => now.netbox === 'none', line: 'bmtool init', says: 'point bmtool at your NetBox' },
  { when: now => now.netbox === 'none', line: 'bmtool lab up', says: 'or start a real one here, with 601 servers' },
  { when: now => now.netbox !== 'none', line: 'bmtool doctor', says: 'check NetBox, PostgreSQL, Redis and rights' },
  { when: now => now.waiting > 0, line: 'bmtool dhcp worker --once', says: 'work off the leases that wait' },
  { when: now => now.netbox !== 'none', line: 'bmtool state show', says: 'which phase is the record in?' },
  {
    when: now => now.netbox !== 'none',
    line: 'bmtool load-macs FILE --dry-run',
    says: "what would a supplier's manifest change?",
  },
  {
    when: now => now.netbox !== 'none',
    line: 'bmtool snapshot save NAME',
    says: 'keep the record, to go back to it at once',
  },
  { when: now => now.hasRuns, line: 'bmtool runs', says: 'what bmtool has written; each can be undone' },
  { when: now => now.netbox === 'lab', line: 'bmtool lab down', says: 'stop the lab; its data stays' },
  { when: () => true, line: 'bmtool help', says: 'all commands and topics' },
];

export function nextSteps(now: Situation): readonly NextStep[] {
  const urgent = now.cutShort
    ? [
        { line: `bmtool ${now.cutShort.command}`, says: `go on with run ${now.cutShort.id}, which was cut short` },
        { line: `bmtool undo ${now.cutShort.id}`, says: 'or take back what it wrote' },
      ]
    : [];
  return [...urgent, ...steps.filter(({ when }) => when(now)).map(({ line, says }) => ({ line, says }))];
}
