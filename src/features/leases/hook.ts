import { flag, option, rest, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { print, say } from '../../cli/view.ts';
import { dhcpServers } from '../../core/lease.ts';
import { boundedCall } from './calls/caller.ts';
import { eventsOfCall } from './calls/events.ts';

/**
 * `bmtool dhcp hook` as people see it. What a server calls never comes here: `bin/bmtool.js` hands it to src/hook.ts, which loads next to nothing,
 * and passes on to this what has an option that is for people.
 */
export const hook = defineCommand({
  path: 'dhcp hook',
  summary: "Take a DHCP server's call into the spool: for servers to run, not for people",
  details: `Appends the call, arguments and the server's variables, to the spool and ends, with 0 whatever
happens: a DHCP server must not fail or wait because of bmtool. The worker makes lease events of
it. Options come first; whatever follows is the server's.

dhcpd passes arguments (the part of its configuration that bmtool dhcp install prints), Kea the
name of a hook point and variables, dnsmasq add, old or del with variables. Kea and dnsmasq can
also have bmtool itself as their script.

It is Node that starts for each lease. The script that bmtool dhcp install puts in place does the
same in a few milliseconds.`,
  examples: [
    {
      line: 'bmtool dhcp hook --explain commit 10.20.0.5 94:40:c9:0:0:1 ilo',
      says: 'what would be made of such a call',
    },
  ],
  exits: { 1: 'with --explain: nothing can be made of the call' },
  args: {
    from: option('who calls; recognised by its words otherwise', 'server', dhcpServers),
    spool: text('the folder of the spool', 'dir'),
    explain: flag('say what is made of the call and keep nothing; --json does the same'),
    call: rest('what the server says'),
  },
  needs: ['machine', 'clock'],
  /** What would be made of a call. Called by a DHCP server, without --explain or --json, it prints nothing. */
  async run({ from, call }, { machine, clock }) {
    const env = new Map(Object.entries(machine.env).map(([name, value]) => [name, Buffer.from(value ?? '')]));
    const server = dhcpServers.find(each => each === from);
    const args = call.map(word => Buffer.from(word));
    const now = clock();
    return eventsOfCall(boundedCall({ from: server, args, env, at: now }), { host: machine.host, now });
  },
  text(reading) {
    if ('ignored' in reading) return [print(`ignored: ${reading.ignored}`)];
    if ('unreadable' in reading) return [print(`a dead letter: ${reading.unreadable}`)];
    return [...reading.events.map(({ data }) => print(JSON.stringify(data, undefined, 2))), say('Nothing was kept.')];
  },
  exit: reading => ('unreadable' in reading ? 1 : 0),
});
