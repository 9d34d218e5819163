import { resolve } from 'node:path';
import { file, flag, option } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type DhcpServer, dhcpServers } from '../../core/lease.ts';
import { eventBlock } from './text.ts';

export const follow = defineCommand({
  path: 'dhcp follow',
  summary: "Follow a DHCP server's lease file and hand its news to the worker",
  details: [
    'For dhcpd, Kea (memfile) and dnsmasq, where no hook can be installed. First tells what was not told',
    'yet: at the very first start every lease that is still valid, later what happened while nobody',
    'looked. Then tells each lease as it is given, renewed, released, declined or runs out, until it is',
    'interrupted. Each event is in the spool, for bmtool dhcp worker, before it is shown. What was told',
    'is kept in the folder "follow" of BMTOOL_STATE_DIR: one follower a file.',
  ].join('\n'),
  examples: [
    { line: 'bmtool dhcp follow /var/lib/dhcp/dhcpd.leases', says: 'follow dhcpd, from now on' },
    { line: 'bmtool dhcp follow /var/lib/kea/kea-leases4.csv --once', says: 'catch up and end, for cron' },
    { line: 'bmtool dhcp follow /var/lib/misc/dnsmasq.leases --once --dry-run', says: 'see what would be told' },
  ],
  exits: { 1: 'what was told cannot be written down', 2: 'wrong usage, or this is no lease file' },
  args: {
    file: file('lease file of dhcpd (dhcpd.leases), Kea (kea-leases4.csv) or dnsmasq'),
    format: option('whose file it is (default: seen from its beginning, or its name)', 'server', dhcpServers),
    once: flag('tell what is news and end'),
    dryRun: flag('show what would be told; write nothing'),
  },
  needs: ['leaseFiles', 'spool'],
  /** Each lease event as it is told. */
  run: ({ file: path, format, once, dryRun }, { leaseFiles, spool }) =>
    leaseFiles.follow({
      path: resolve(path),
      server: format as DhcpServer | undefined,
      once,
      remember: !dryRun,
      tell: events => {
        if (!dryRun) spool.append(events);
      },
    }),
  text: (event, view) => [eventBlock(event, view)],
});
