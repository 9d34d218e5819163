/**
 * dhcpd's part. The order of the arguments is for ever (calls/isc.ts); the variables' names are read back from the lease file (adapters/lease-files).
 * All that was found out about `execute()` is in its comments, for who merges it with blocks of their own.
 */
export function iscFragment(stub: string): string {
  return `# Made by "bmtool dhcp install --server isc"; make it anew instead of editing it.
#
# Tells bmtool of every lease. In dhcpd.conf, outside of all braces:   include "${iscPath}";
#
# - Of several "on commit" blocks dhcpd runs one: a class's before a subnet's before the global one. Where you have one of your own, copy the
#   execute() below into it, with its "set" lines; otherwise one of the two is never run.
# - An argument that has no value makes dhcpd leave out the whole call: hence pick-first-value(..., "(none)").
# - Ids of circuits go as hex: an argument ends at its first zero byte.
# - dhcpd waits for the hook before it answers anybody. This one takes a few milliseconds and waits for nothing.
# - dhcpd writes the hook's path into its lease file and calls it when the lease ends, also after this file is gone. Leave the hook in place.

on commit {
  set ClientIP   = binary-to-ascii(10, 8, ".", leased-address);
  set ClientMac  = binary-to-ascii(16, 8, ":", hardware);
  set ClientHost = pick-first-value(option host-name, "(none)");
  set ClientVci  = pick-first-value(option vendor-class-identifier, "(none)");
  set ClientCid  = pick-first-value(binary-to-ascii(16, 8, ":", option dhcp-client-identifier), "(none)");
  set RelayIP    = binary-to-ascii(10, 8, ".", packet(24, 4));
  set Circuit    = pick-first-value(binary-to-ascii(16, 8, ":", option agent.circuit-id), "(none)");
  set RemoteId   = pick-first-value(binary-to-ascii(16, 8, ":", option agent.remote-id), "(none)");
  set LeaseSecs  = binary-to-ascii(10, 32, "", encode-int(lease-time, 32));
  execute("${stub}", "commit", ClientIP, ClientMac, ClientHost, ClientVci, ClientCid, RelayIP, Circuit, RemoteId, LeaseSecs);
}
on release {
  set ClientIP  = binary-to-ascii(10, 8, ".", leased-address);
  set ClientMac = binary-to-ascii(16, 8, ":", hardware);
  execute("${stub}", "release", ClientIP, ClientMac);
}
on expiry {
  set ClientIP  = binary-to-ascii(10, 8, ".", leased-address);
  set ClientMac = binary-to-ascii(16, 8, ":", hardware);
  execute("${stub}", "expiry", ClientIP, ClientMac);
}
`;
}

/** One element of Kea's "hooks-libraries", with comments as Kea allows them. */
export function keaFragment(stub: string, library: string): string {
  return `// Made by "bmtool dhcp install --server kea"; make it anew instead of editing it.
//
// Tells bmtool of every lease. In kea-dhcp4.conf, in "Dhcp4" (with a comma before it where there are hooks already):
//   "hooks-libraries": [ <?include "${keaPath}"?> ]
//
// - Kea does not start when the script is missing. Leave it in place.
// - Kea neither waits for the script nor gives it an environment of its own: no PATH, no HOME.
// - The script runs as Kea's user, who gets the spool's group by a drop-in for Kea's unit (${keaDropInPath}).
{
  "library": ${JSON.stringify(library)},
  "parameters": { "name": ${JSON.stringify(stub)}, "sync": false }
}
`;
}

export function dnsmasqFragment(stub: string): string {
  return `# Made by "bmtool dhcp install --server dnsmasq"; make it anew instead of editing it.
#
# Tells bmtool of every lease. Debian's dnsmasq reads /etc/dnsmasq.d by itself; elsewhere, in dnsmasq.conf:   conf-file=${dnsmasqPath}
#
# - dnsmasq takes one dhcp-script: where you have one already, call this one from it with the same arguments.
# - It runs one script at a time and queues the others; its answers do not wait.
# - Without dhcp-scriptuser it would run as root, also when dnsmasq itself does not.
# - Renewals are told since dnsmasq 2.81; without them bmtool knows of first leases only.
dhcp-script=${stub}
dhcp-scriptuser=${user}
script-on-renewal
`;
}

/** The user of worker and tap, and the group of all who write to the spool. */
export const user = 'bmtool';
export const iscPath = '/etc/dhcp/bmtool-hook.conf';
export const keaPath = '/etc/kea/bmtool-hook.json';
export const keaDropInPath = '/etc/systemd/system/kea-dhcp4-server.service.d/bmtool.conf';
export const dnsmasqPath = '/etc/dnsmasq.d/bmtool-hook.conf';
