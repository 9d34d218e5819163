import { netboxStatus } from '../../core/status.ts';

/** The states into which the whole record can be put. To change what a phase means, edit a row. */
export const phases = {
  0: {
    title: 'clean slate',
    status: 'offline',
    address: 'none',
    cabling: 'designed',
  },
  1: {
    title: 'BMC discovery complete',
    status: 'discovered',
    address: 'one',
    cabling: 'designed',
  },
  2: {
    title: 'cable validation complete',
    status: 'failed',
    address: 'one',
    cabling: 'inverted',
  },
} as const satisfies Record<number, Phase>;

export type Phase = {
  readonly title: string;
  /** A lifecycle name; BMTOOL_STATUS_MAP gives NetBox's status for it. */
  readonly status: string;
  /** `none`: the BMC has no address. `one`: one from the BMC prefix, and it is the device's out-of-band address. */
  readonly address: 'none' | 'one';
  /** `inverted`: the switch ends of the first two production NICs are swapped, and a journal entry says so. */
  readonly cabling: 'designed' | 'inverted';
};

export type PhaseNumber = keyof typeof phases;

export const phaseNumbers: readonly PhaseNumber[] = [0, 1, 2];

export function phaseText(phase: PhaseNumber): string {
  return `phase ${phase} (${phases[phase].title})`;
}

/** NetBox's status for a phase. */
export function statusOf(phase: PhaseNumber, statusMap: Readonly<Record<string, string>>): string {
  return netboxStatus(phases[phase].status, statusMap);
}
