import type { AddressRecord, RangeRecord } from '../../adapters/netbox/addressing.ts';
import type { CableEnd, TagRecord } from '../../adapters/netbox/cabling.ts';
import type { PortRecord, ServerRecord } from '../../adapters/netbox/records.ts';
import type { Prefix } from '../../core/address.ts';
import type { Entry } from './entry.ts';

/** The fleet as read. All that the phases look at; `readFacts` reads it. */
export type Facts = {
  /** In natural order of their names; the first N with `--limit N`. */
  readonly servers: readonly ServerFacts[];
  /** How many servers NetBox has, whatever the limit. */
  readonly total: number;
  /** Nothing when no phase was asked for that gives addresses. */
  readonly bmcNetwork: BmcNetwork | undefined;
  readonly tag: TagRecord | undefined;
  /** Whether `nics` were read. They are not when nothing says that a cable was inverted and nothing is to be inverted. */
  readonly cablingRead: boolean;
};

export type ServerFacts = ServerRecord & {
  readonly bmcs: readonly PortRecord[];
  /** On any of its BMC interfaces. */
  readonly addresses: readonly AddressRecord[];
  /** Cabled production NICs in natural order. */
  readonly nics: readonly Nic[];
  /** bmtool's own journal entries about an inversion, oldest first. */
  readonly entries: readonly Entry[];
};

export type Nic = { readonly id: number; readonly name: string; readonly cable: NicCable };

/** A cable as seen from a NIC. */
export type NicCable = {
  readonly id: number;
  readonly tagged: boolean;
  /** The side that is in the NIC. */
  readonly side: 'A' | 'B';
  /** Everything that is plugged in on the NIC's side; a plain cable has the NIC alone. */
  readonly near: readonly CableEnd[];
  readonly far: readonly CableEnd[];
};

/** Where BMC addresses come from, and what is not free in it. */
export type BmcNetwork = {
  readonly prefix: Prefix;
  /** `10.20.0.0/22` */
  readonly text: string;
  readonly vrfId: number | undefined;
  /** All addresses inside, whatever they are on. */
  readonly taken: readonly AddressRecord[];
  readonly ranges: readonly RangeRecord[];
};
