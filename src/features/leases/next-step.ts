import type { ServerStory } from './why.ts';

/** What stands between a server and its next state, and the command to type. */
export type NextStep = {
  /** The next state. */
  readonly next: string;
  /** What stands before it, a sentence each. */
  readonly says: readonly string[];
  /** What to type. */
  readonly command?: string;
};

type Hurdle = {
  readonly stands: (story: ServerStory) => boolean;
  readonly says: (story: ServerStory) => readonly string[];
  readonly command?: (story: ServerStory) => string;
};

/** Between offline and discovered, in the order in which they are taken: the first that stands is told. */
const toDiscovered: readonly Hurdle[] = [
  {
    stands: ({ bmcs }) => bmcs.length === 0,
    says: () => ['It has no BMC interface: none of its interfaces is named as BMTOOL_BMC_INTERFACES says.'],
    command: () => 'bmtool doctor',
  },
  {
    stands: ({ bmcs }) => bmcs.length > 1,
    says: ({ bmcs }) => [
      `It has ${bmcs.length} BMC interfaces: ${bmcs.map(({ name }) => name).join(', ')}. Rename or remove all but one in NetBox.`,
    ],
  },
  {
    stands: ({ macs, lookalikes }) => macs.length === 0 && lookalikes.length > 0,
    says: ({ lookalikes, device }) => [
      `Its BMC has no MAC in NetBox, but a BMC that calls itself ${lookalikes[0]?.lease.hostname} asks for addresses.`,
      `If that is it, put this line into a manifest and load it: ${device.serial},${lookalikes[0]?.lease.mac}`,
    ],
    command: () => 'bmtool load-macs FILE',
  },
  {
    stands: ({ macs }) => macs.length === 0,
    says: () => ["Its BMC has no MAC in NetBox. Load the supplier's manifest."],
    command: () => 'bmtool load-macs FILE',
  },
  {
    stands: ({ dead }) => dead.length > 0,
    says: ({ dead }) => [`A lease of its BMC could not be carried out: ${dead[0]?.reason}`],
    command: ({ dead }) => `bmtool dhcp dead show ${dead[0]?.id}`,
  },
  {
    stands: ({ lookalikes }) => lookalikes.length > 0,
    says: ({ lookalikes, macs }) => [
      `A BMC that calls itself ${lookalikes[0]?.lease.hostname} asks with the MAC ${lookalikes[0]?.lease.mac}; NetBox has ${macs.join(', ')}.`,
      'One of the two is wrong: compare with the label on the server.',
    ],
  },
  {
    stands: ({ decided }) => decided.at(-1)?.act === 'warn',
    says: ({ decided }) => [
      `Its last lease did not fit: ${decided.at(-1)?.reason}. The device's journal in NetBox tells more.`,
    ],
    command: ({ decided, macs }) => `bmtool dhcp decide --mac ${macs[0]} --ip ${decided.at(-1)?.lease.address}`,
  },
  {
    stands: ({ decided }) => decided.length === 0,
    says: () => [
      'Its BMC has not asked for an address, as far as this machine has seen. Is it plugged in and powered? Does the DHCP server call the hook?',
    ],
    command: () => 'bmtool dhcp spool',
  },
  {
    stands: () => true,
    says: () => ['Its BMC asked before; with its next lease the device becomes discovered.'],
    command: ({ decided, macs }) => `bmtool dhcp decide --mac ${macs[0]} --ip ${decided.at(-1)?.lease.address}`,
  },
];

/** What comes after each state. */
const after: Readonly<Record<string, { readonly next: string; readonly says: string; readonly command?: string }>> = {
  discovered: {
    next: 'staged',
    says: 'Discovered: its BMC can be reached. Next is the validation of its hardware and cables.',
    command: 'bmtool verify phase 1',
  },
  active: { next: '', says: 'Active: there is nothing to do. A lease with another address is only warned of.' },
  failed: {
    next: 'discovered',
    says: 'Failed: cables or hardware did not pass. Which cables are in the wrong port:',
    command: 'bmtool verify cables',
  },
};

export function nextStep(story: ServerStory): NextStep {
  if (story.state === 'offline') {
    const hurdle = toDiscovered.find(({ stands }) => stands(story)) as Hurdle;
    const command = hurdle.command?.(story);
    return {
      next: 'discovered',
      says: ['Between it and discovered:', ...hurdle.says(story)],
      ...(command ? { command } : {}),
    };
  }
  const known = after[story.state];
  if (known) return { next: known.next, says: [known.says], ...(known.command ? { command: known.command } : {}) };
  return {
    next: '',
    says: [`bmtool does nothing about a device that is ${story.state}; a lease of its BMC is warned of.`],
  };
}
