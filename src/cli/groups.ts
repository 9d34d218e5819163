/** What the commands are listed under, and what is in each list, in the order of `bmtool --help`. A test holds that every command is in one. */
export const sections: readonly { readonly title: string; readonly has: readonly string[] }[] = [
  { title: 'The record:', has: ['load-macs', 'state', 'verify', 'why'] },
  { title: 'Back to where it was:', has: ['undo', 'runs', 'snapshot'] },
  { title: 'Leases:', has: ['dhcp'] },
  { title: 'This machine:', has: ['start', 'init', 'doctor', 'lab', 'completion', 'man'] },
  { title: 'To read:', has: ['help', 'explain', 'schema'] },
];

/** Commands of several words: what the first ones are about, and which command they mean when they stand alone. */
export const groups: Readonly<Record<string, { readonly says: string; readonly alone: string }>> = {
  lab: { says: 'A real NetBox with a fleet of servers on this machine', alone: 'lab status' },
  state: { says: 'Put the whole record into a known state', alone: 'state show' },
  verify: { says: 'Ask NetBox whether everything is as it should be', alone: 'verify phase' },
  snapshot: { says: 'Keep the whole record as it is, and put it back at once', alone: 'snapshot list' },
  dhcp: { says: "From a BMC's first DHCP packet to `discovered` in NetBox", alone: 'dhcp spool' },
  'dhcp dead': { says: 'Lease events that could not be carried out', alone: 'dhcp dead list' },
  runs: { says: 'What bmtool has written to NetBox', alone: 'runs list' },
  completion: { says: 'Have the shell complete commands, flags and names', alone: 'completion show' },
  man: { says: 'Manual pages, made from the commands', alone: 'man show' },
};
