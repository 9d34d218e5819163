import { type Block, row, type View } from '../../cli/view.ts';
import type { Lease, LeaseEvent } from '../../core/lease.ts';

/** `2026-11-21 10:00:00` of an ISO time. */
export function timeText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

/** Who saw a lease: `dnsmasq on dhcp-1`. */
export function sourceText({ source }: Lease): string {
  return `${source.server ?? source.way} on ${source.host}`;
}

/** How long ago: `40 s`, `3 h`, `2 d`. */
export function agoText(iso: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - Date.parse(iso)) / 1000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** What came from outside and is no event may hold anything: one line, nothing that moves a terminal's cursor. */
export function rawText(text: string, most = 200): string {
  const clean = text.replaceAll(/\p{C}/gu, '?');
  return clean.length > most ? `${clean.slice(0, most - 1)}…` : clean;
}

/** A lease event as it is heard, in one line. */
export function eventBlock({ data }: LeaseEvent, { paint }: View): Block {
  const { time, kind, mac, address, hostname = '', vendorClass = '' } = data;
  const word = kind === 'granted' ? paint.good(kind) : paint.warn(kind);
  return row([paint.dim(time), [word, 8], mac, [address, 15], [hostname, 20], vendorClass]);
}
