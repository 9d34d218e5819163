import { u16 } from './bytes.ts';
import type { Frame } from './frame.ts';

/** Where IP begins, and where the number of the protocol stands; raw IP has none. */
type Layer = { readonly header: number; readonly protocolAt: number | undefined };

/** tcpdump.org/linktypes.html. 276 is what `-i any` gives since tcpdump 4.99, 113 before; raw IP has other numbers on some systems. */
const layers: Readonly<Record<number, Layer>> = {
  1: { header: 14, protocolAt: 12 },
  113: { header: 16, protocolAt: 14 },
  276: { header: 20, protocolAt: 0 },
  12: { header: 0, protocolAt: undefined },
  14: { header: 0, protocolAt: undefined },
  101: { header: 0, protocolAt: undefined },
  228: { header: 0, protocolAt: undefined },
};
export const knownLinks: ReadonlySet<number> = new Set(Object.keys(layers).map(Number));

const [ipv4, udp] = [0x0800, 17];
const [server, client] = [67, 68];
const mostTags = 2;

/** The bytes that UDP carries, in the frame's own; used again and again as the frame is. */
export type Datagram = {
  at: number;
  end: number;
  /** The sender sent more than was captured, or than this fragment has. */
  cut: boolean;
};

/**
 * Finds what UDP carries between the ports of DHCP: through Ethernet, VLAN tags (802.1Q, 802.1ad and 0x9100, two at most) or Linux' cooked header, and
 * IPv4. `unknown`: a link layer that bmtool cannot read. Checksums are not looked at: packets that this machine sends are captured before the network
 * card computes them.
 */
export function findDatagram(frame: Frame, found: Datagram): 'dhcp' | 'other' | 'unknown' {
  const layer = layers[frame.link];
  found.cut = false;
  if (layer === undefined) return 'unknown';
  const at = networkLayer(frame, layer);
  return at < 0 ? 'other' : throughIp(frame, at, found);
}

function networkLayer({ bytes, start }: Frame, { header, protocolAt }: Layer): number {
  let at = start + header;
  if (protocolAt === undefined) return at;
  let protocol = u16(bytes, start + protocolAt);
  for (let tags = 0; isTag(protocol) && tags < mostTags; tags += 1) {
    protocol = u16(bytes, at + 2);
    at += 4;
  }
  return protocol === ipv4 ? at : -1;
}

function isTag(protocol: number): boolean {
  return protocol === 0x8100 || protocol === 0x88a8 || protocol === 0x9100;
}

function throughIp({ bytes, end }: Frame, at: number, found: Datagram): 'dhcp' | 'other' {
  const first = bytes[at] ?? 0;
  const header = (first & 15) * 4;
  const fragment = u16(bytes, at + 6);
  if (first >> 4 !== 4 || header < 20 || bytes[at + 9] !== udp || (fragment & 0x1fff) !== 0) return 'other';
  const ports = at + header;
  // All that was looked at so far lies before: past the end it was of another packet, and says nothing here.
  if (ports + 8 > end || !(isDhcp(u16(bytes, ports)) || isDhcp(u16(bytes, ports + 2)))) return 'other';
  // 0: the network card is to cut the packet up and fill the lengths in.
  const ipEnd = at + (u16(bytes, at + 2) || end - at);
  const length = u16(bytes, ports + 4);
  const sent = length >= 8 && ports + length < ipEnd ? ports + length : ipEnd;
  found.at = ports + 8;
  // Behind IP's end lies what fills an Ethernet frame up.
  found.end = Math.max(found.at, Math.min(sent, end));
  found.cut = sent > end || (fragment & 0x2000) !== 0;
  return 'dhcp';
}

function isDhcp(port: number): boolean {
  return port === server || port === client;
}
