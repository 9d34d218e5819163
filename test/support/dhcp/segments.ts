/** A network that clients can be on: the server's own, or the one behind a relay. */
export type Segment = {
  readonly network: string;
  readonly netmask: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** What servers hand out unless they are told otherwise. */
  readonly range: AddressRange;
};
export type AddressRange = { readonly from: string; readonly to: string };

/** The BMC prefix of the lab's NetBox; the gateway is the server. The last hundred addresses are the machinery's. */
export const bmcSegment: Segment = {
  network: '10.20.0.0',
  netmask: '255.255.252.0',
  prefixLength: 22,
  gateway: '10.20.0.1',
  range: { from: '10.20.0.2', to: '10.20.3.150' },
};
/** Behind the relay, and in no prefix of the lab's NetBox with the role of BMCs. */
export const relayedSegment: Segment = {
  network: '10.20.8.0',
  netmask: '255.255.255.0',
  prefixLength: 24,
  gateway: '10.20.8.1',
  range: { from: '10.20.8.2', to: '10.20.8.250' },
};
export const relayAddress = '10.20.3.253';
export const secondAddress = '10.20.3.252';
/** A client that needs an address of its own before it may ask for others: perfdhcp. */
export const loadAddress = '10.20.3.251';
