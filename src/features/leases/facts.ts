import type { ServerRecord } from '../../adapters/netbox/records.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import type { MacNote } from '../../core/lease-note.ts';

/** What NetBox has about one lease, as read at one moment, and what bmtool noted about its MAC before. */
export type Facts = {
  /** Every interface that has this MAC, on whatever device. */
  readonly ports: readonly MacPort[];
  /** The device of the only port, when that is a BMC's. */
  readonly device: ServerRecord | undefined;
  /** On that port. */
  readonly addresses: readonly HeldAddress[];
  /** Objects with the leased address: in any VRF, with any mask, on anything or nothing. */
  readonly claims: readonly Claim[];
  /** The narrowest prefix around the address; nothing where NetBox has none. */
  readonly network: Network | undefined;
  readonly note: MacNote | undefined;
  /** When this MAC was given an address last, of all leases that are to be decided now; milliseconds since 1970. */
  readonly newestMs?: number | undefined;
  /** The maker of the MAC's address block. */
  readonly organisation: string | undefined;
};

export type MacPort = {
  /** `dcim.interface`, or what else a MAC can be on. */
  readonly type: string;
  readonly id: number;
  readonly name: string;
  /** Nothing for an interface of a virtual machine. */
  readonly deviceId: number | undefined;
  /** `srv-001`, or what a person calls the thing. */
  readonly owner: string;
  readonly isBmc: boolean;
};

export type HeldAddress = {
  readonly id: number;
  /** With its mask: `10.20.0.5/22`. */
  readonly address: string;
  readonly vrfId: number | undefined;
  readonly on: { readonly type: string; readonly id: number } | undefined;
};

export type Claim = HeldAddress & {
  /** Whose it is, when it is on a BMC's interface. */
  readonly holder?: Holder | undefined;
  /** What it is on, in words: `srv-002 iDRAC`. */
  readonly onText: string;
};

export type Holder = {
  readonly device: ServerRecord;
  /** When the holder's own newest lease was, milliseconds since 1970; nothing when none was seen. */
  readonly leasedMs: number | undefined;
};

export type Network = { readonly text: string; readonly length: number; readonly vrfId: number | undefined };

export type LeaseFacts = { readonly event: LeaseEvent; readonly facts: Facts };
