import { option, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, hanging, say, table } from '../../cli/view.ts';
import { addressText, parseAddress } from '../../core/address.ts';
import type { Change } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import { type Lease, type LeaseKind, leaseEvent, leaseKinds } from '../../core/lease.ts';
import { type Mac, parseMac } from '../../core/mac.ts';
import { changesFor } from './changes.ts';
import { type Act, type Decision, decide, judge, rules, type Situation } from './decide.ts';
import { readFacts } from './read.ts';
import { serialIn } from './signs.ts';
import { via } from './via.ts';

export const explain = defineCommand({
  path: 'dhcp decide',
  summary: 'Explain what a lease would lead to, and why; writes nothing',
  details: `The first row that fits decides:

${rules.map(({ rule, act, says }) => hanging(`  ${rule.padEnd(18)} ${act.padEnd(9)} `, says)).join('\n')}`,
  examples: [
    { line: 'bmtool dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5', says: 'as if that BMC got that address now' },
    {
      line: 'bmtool dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5 --vendor-class iDRAC',
      says: 'for a MAC that NetBox does not have',
    },
  ],
  args: {
    mac: text('the MAC that asks', 'MAC'),
    ip: text('the address that it is given', 'address'),
    hostname: text('option 12, as the client says it', 'name'),
    vendorClass: text('option 60', 'text'),
    kind: option('what the server did; default: granted', 'kind', leaseKinds),
    via,
  },
  needs: ['netbox', 'leaseStore', 'oui', 'settings', 'clock'],
  prepare: async wish => readWish(wish),
  async run(wish, { netbox, leaseStore, oui, settings, clock }, { mac, address }) {
    const { statusMap, bmcInterfaces } = settings;
    const lease: Lease = {
      time: new Date(clock()).toISOString(),
      kind: (wish.kind ?? 'granted') as LeaseKind,
      mac,
      address,
      ...(wish.hostname ? { hostname: wish.hostname } : {}),
      ...(wish.vendorClass ? { vendorClass: wish.vendorClass } : {}),
      source: { way: 'replay', host: 'nowhere' },
    };
    const { notes } = await leaseStore(wish.via);
    const [scene] = await readFacts({ netbox, oui, bmcInterfaces, notes: notes.read }, [leaseEvent(lease)]);
    if (scene === undefined) throw new Error('one event gives one scene');
    const decision = decide(scene, { statusMap });
    return {
      decision,
      situation: judge(lease, scene.facts, { statusMap }),
      changes: changesFor(decision, decision.warnings),
    };
  },
  text: explainText,
  json: ({ decision: { rule, act, reason, facts, warnings }, situation, changes }): ExplainJson => ({
    rule,
    act,
    reason,
    situation,
    device: facts.device?.name,
    interfaces: facts.ports.map(({ owner, name }) => `${owner} ${name}`),
    addresses: facts.addresses.map(({ address }) => address),
    warnings: warnings.map(({ fact }) => fact),
    changes,
  }),
});

function readWish({ mac, ip }: { mac: string | undefined; ip: string | undefined }): { mac: Mac; address: string } {
  if (mac === undefined || ip === undefined)
    throw new Failure('argument-missing', `${mac === undefined ? '--mac' : '--ip'} is missing`, {
      next: 'For instance: bmtool dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5',
    });
  const reading = parseMac(mac);
  if (!reading.ok) throw new Failure('bad-value', `--mac: ${reading.reason}`);
  const address = parseAddress(ip);
  if (address?.family !== 4) throw new Failure('bad-value', `--ip is no IPv4 address: "${ip}"`);
  return { mac: reading.mac, address: addressText(address) };
}

/** What a lease would lead to. */
type ExplainJson = {
  /** The row of the decision table. */
  readonly rule: string;
  /** What would be done. */
  readonly act: Act;
  /** Why, in words. */
  readonly reason: string;
  /** What it is judged by. */
  readonly situation: Situation;
  /** The name of the device, where NetBox has the MAC on a BMC interface. */
  readonly device: string | undefined;
  /** Interfaces that have the MAC: `srv-001 iLO`. */
  readonly interfaces: readonly string[];
  /** Addresses on the BMC interface, with their masks. */
  readonly addresses: readonly string[];
  /** What would be written to the journal. */
  readonly warnings: readonly string[];
  /** What would be written to NetBox, the journal included. */
  readonly changes: readonly Change[];
};

type Explained = { decision: Decision; situation: Situation; changes: readonly Change[] };

function explainText({ decision, situation, changes }: Explained): Block[] {
  const { facts, lease, rule, act, reason, warnings } = decision;
  const serial = serialIn(lease.hostname);
  return [
    table(
      ['what', 'found'],
      [
        ['MAC', `${lease.mac}: ${placesText(decision)}`],
        ['device', facts.device ? `${facts.device.name}, ${facts.device.status} (${situation.device})` : '–'],
        ['address on record', facts.addresses.map(({ address }) => address).join(', ') || 'none'],
        ['leased address', `${lease.address}: ${claimText(decision)}`],
        ['prefix', facts.network?.text ?? 'none in NetBox'],
        ['looks like', serial ? `${situation.looks}, serial ${serial}` : situation.looks],
        ['leases before', String(facts.note?.decided.reduce((sum, { times }) => sum + times, 0) ?? 0)],
        ['rule', rule],
        ['so', `${act}: ${reason}`],
        ...changes.map(change => ['would write', `${change.op} ${change.label}${fieldsText(change)}`]),
        ...warnings.map(({ fact }) => ['would warn', fact]),
      ],
    ),
    say(changes.length === 0 ? 'Nothing would be written.' : 'Nothing was written.'),
  ];
}

function placesText({ facts }: Decision): string {
  return (
    facts.ports
      .map(({ owner, name, isBmc }) => `on ${owner} ${name}${isBmc ? '' : ' (no BMC interface)'}`)
      .join(', ') || 'not in NetBox'
  );
}

function claimText({ facts }: Decision): string {
  return (
    facts.claims.map(({ address, on, onText }) => (on ? `${address} on ${onText}` : `${address}, free`)).join(', ') ||
    'not in NetBox'
  );
}

function fieldsText(change: Change): string {
  if (change.op === 'delete' || change.kind === 'extras.journalentry') return '';
  const fields = Object.entries(change.after).map(
    ([name, value]) => `${name}=${typeof value === 'object' && value !== null ? 'the new one' : value}`,
  );
  return ` (${fields.join(', ')})`;
}
