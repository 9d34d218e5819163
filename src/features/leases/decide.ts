import { type Address, addressText, parseAddress } from '../../core/address.ts';
import type { Lease } from '../../core/lease.ts';
import { newestGrantMs } from '../../core/lease-note.ts';
import { netboxStatus } from '../../core/status.ts';
import type { Claim, Facts, HeldAddress, LeaseFacts } from './facts.ts';
import { serialIn, signsOf } from './signs.ts';
import { type Warning, warningsFor } from './warnings.ts';

/** What a lease is judged by. */
export const aspects = {
  /** Against the newest lease of this MAC that was decided, or waits to be: after a pause of the worker only the last word counts. */
  order: ['newer', 'older'],
  /** What became of it. */
  lease: ['granted', 'ended'],
  /** Where NetBox has the MAC: on one BMC interface, nowhere, or where it should not be. */
  mac: ['bmc', 'nowhere', 'elsewhere'],
  /** What the client looks like. */
  looks: ['bmc', 'host', 'nothing'],
  /** The device's state by its lifecycle name; a device in any other state should not be asking. */
  device: ['offline', 'discovered', 'active', 'other'],
  /** What the BMC interface has. */
  address: ['none', 'same', 'other'],
  /** Who has the leased address: nobody or this BMC; a discovered device whose own lease is older; somebody else. */
  holder: ['nobody', 'outdated', 'another'],
} as const;

export type Aspect = keyof typeof aspects;
export type Situation = { readonly [A in keyof typeof aspects]: (typeof aspects)[A][number] };

/** What is done. `discover`, `move` and `assign` write the record, `warn` the journal, the others bmtool's own notes alone. */
export type Act = 'discover' | 'move' | 'assign' | 'nothing' | 'warn' | 'note' | 'unknown' | 'ignore';

type Rule = {
  readonly rule: string;
  readonly when: { readonly [A in Aspect]?: readonly Situation[A][] };
  readonly act: Act;
  readonly says: string;
};

/** The first row that fits decides. To change what a lease does, edit a row. */
export const rules = [
  {
    rule: 'out of order',
    when: { order: ['older'] },
    act: 'ignore',
    says: 'there is a newer lease of this MAC',
  },
  { rule: 'end of a lease', when: { lease: ['ended'] }, act: 'note', says: 'the end of a lease takes no address away' },
  { rule: 'host', when: { mac: ['nowhere'], looks: ['host'] }, act: 'ignore', says: 'a host that boots, no BMC' },
  {
    rule: 'unknown BMC',
    when: { mac: ['nowhere'], looks: ['bmc'] },
    act: 'unknown',
    says: 'a BMC whose MAC NetBox does not have',
  },
  {
    rule: 'unknown client',
    when: { mac: ['nowhere'] },
    act: 'ignore',
    says: 'NetBox does not have the MAC, and nothing says that it is a BMC',
  },
  {
    rule: 'MAC elsewhere',
    when: { mac: ['elsewhere'] },
    act: 'warn',
    says: 'the MAC is on several interfaces, or on one that is no BMC',
  },
  {
    rule: 'address taken',
    when: { device: ['offline', 'discovered'], address: ['none', 'other'], holder: ['another'] },
    act: 'warn',
    says: 'the address belongs to somebody else',
  },
  {
    rule: 'offline',
    when: { device: ['offline'] },
    act: 'discover',
    says: 'the device is discovered, at this address',
  },
  {
    rule: 'discovered, same',
    when: { device: ['discovered'], address: ['same'] },
    act: 'nothing',
    says: 'the record says so already',
  },
  {
    rule: 'discovered, none',
    when: { device: ['discovered'], address: ['none'] },
    act: 'assign',
    says: 'the discovered device gets the address that was missing',
  },
  { rule: 'discovered, other', when: { device: ['discovered'] }, act: 'move', says: 'the BMC has another address now' },
  {
    rule: 'active, taken',
    when: { device: ['active'], address: ['none'], holder: ['another'] },
    act: 'warn',
    says: 'the address belongs to somebody else',
  },
  {
    rule: 'active, none',
    when: { device: ['active'], address: ['none'] },
    act: 'assign',
    says: 'the active device gets the address that was missing',
  },
  {
    rule: 'active, same',
    when: { device: ['active'], address: ['same'] },
    act: 'nothing',
    says: 'the record says so already',
  },
  {
    rule: 'active, other',
    when: { device: ['active'] },
    act: 'warn',
    says: 'an active device has another address on record',
  },
  { rule: 'other state', when: {}, act: 'warn', says: 'a device in this state should not be asking' },
] as const satisfies readonly Rule[];

export type RuleName = (typeof rules)[number]['rule'];

export function ruleFor(situation: Situation): (typeof rules)[number] {
  const fits = ({ when }: Rule) =>
    (Object.keys(when) as Aspect[]).every(aspect => (when[aspect] as readonly string[]).includes(situation[aspect]));
  return rules.find(fits) as (typeof rules)[number];
}

export type Decision = {
  readonly rule: RuleName;
  readonly act: Act;
  readonly reason: string;
  readonly lease: Lease;
  readonly facts: Facts;
  /** NetBox's name for the status to set. */
  readonly status?: string;
  readonly placing?: Placing;
  readonly warnings: readonly Warning[];
};

/** How the leased address comes to the BMC interface. Nothing in it but `oob`: it is there. */
export type Placing = {
  /** With the prefix's mask: `10.20.0.5/22`. */
  readonly address: string;
  readonly vrfId: number | undefined;
  /** An object that has the address already; with its holder where it has one that must let go first. */
  readonly use?: Claim;
  /** The interface's own object gets the new number, where there is no object with it yet. */
  readonly renumber?: HeldAddress;
  /** To be made. */
  readonly make?: true;
  /** To be the device's out-of-band address. */
  readonly setOob: boolean;
  /** Other addresses of the interface, which stay in NetBox without it. */
  readonly letGo: readonly HeldAddress[];
};

export type DecideWish = { readonly statusMap: Readonly<Record<string, string>> };

/** Facts in, decision out. Pure and total. */
export function decide({ event, facts }: LeaseFacts, wish: DecideWish): Decision {
  const lease = event.data;
  const situation = judge(lease, facts, wish);
  const { rule, act, says } = ruleFor(situation);
  const writes = act === 'discover' || act === 'move' || act === 'assign';
  const decided = {
    rule,
    act,
    reason: says,
    lease,
    facts,
    ...(act === 'discover' ? { status: netboxStatus('discovered', wish.statusMap) } : {}),
    ...(writes ? { placing: place(lease, facts) } : {}),
  };
  return { ...decided, warnings: warningsFor(rule, lease, facts, serialIn(lease.hostname)) };
}

/** Servers tell times in whole seconds, a capture in microseconds. */
const sameMomentMs = 1000;

export function judge(lease: Lease, facts: Facts, { statusMap }: DecideWish): Situation {
  const newest = Math.max(newestGrantMs(facts.note) ?? 0, facts.newestMs ?? 0);
  const isOlder = Date.parse(lease.time) < newest - sameMomentMs;
  const [port, ...others] = facts.ports;
  const state = (['offline', 'discovered', 'active'] as const).find(
    name => netboxStatus(name, statusMap) === facts.device?.status,
  );
  const same = facts.addresses.some(held => isSame(held.address, lease.address));
  return {
    order: isOlder ? 'older' : 'newer',
    lease: lease.kind === 'granted' ? 'granted' : 'ended',
    mac: port === undefined ? 'nowhere' : others.length === 0 && port.isBmc && facts.device ? 'bmc' : 'elsewhere',
    looks: signsOf(lease, facts.organisation).looks,
    device: state ?? 'other',
    address: same ? 'same' : facts.addresses.length > 0 ? 'other' : 'none',
    holder: holderOf(lease, facts, netboxStatus('discovered', statusMap)),
  };
}

function holderOf(lease: Lease, facts: Facts, discovered: string): Situation['holder'] {
  const claim = claimFor(facts);
  if (claim === undefined || claim.on === undefined || claim.on.id === facts.ports[0]?.id) return 'nobody';
  const { holder } = claim;
  const isOutdated =
    holder !== undefined && holder.device.status === discovered && (holder.leasedMs ?? 0) < Date.parse(lease.time);
  return isOutdated ? 'outdated' : 'another';
}

/** The object that has the address where it would be used: this interface's before a free one, that before somebody else's. Other VRFs have addresses of their own. */
function claimFor({ claims, network, ports }: Facts): Claim | undefined {
  const here = claims.filter(({ vrfId }) => vrfId === network?.vrfId);
  return (
    here.find(({ on }) => on !== undefined && on.id === ports[0]?.id && on.type === 'dcim.interface') ??
    here.find(({ on }) => on === undefined) ??
    here[0]
  );
}

function place(lease: Lease, facts: Facts): Placing {
  const { addresses, network, device } = facts;
  const own = addresses.find(held => isSame(held.address, lease.address));
  const address = `${lease.address}/${network?.length ?? 32}`;
  const base = { address, vrfId: network?.vrfId };
  if (own)
    return {
      ...base,
      address: own.address,
      use: { ...own, onText: '' },
      setOob: device?.oobIpId !== own.id,
      letGo: [],
    };
  const there = claimFor(facts);
  if (there) return { ...base, use: there, setOob: true, letGo: addresses };
  const current = addresses.find(({ id }) => id === device?.oobIpId) ?? addresses[0];
  if (current === undefined || current.vrfId !== network?.vrfId)
    return { ...base, make: true, setOob: true, letGo: addresses };
  const letGo = addresses.filter(held => held !== current);
  return { ...base, renumber: current, setOob: device?.oobIpId !== current.id, letGo };
}

/** Whether two addresses are of one host, whatever their masks. */
export function isSame(a: string, b: string): boolean {
  const [one, other] = [parseAddress(a), parseAddress(b)];
  return one !== undefined && other !== undefined && hostOf(one) === hostOf(other);
}

function hostOf(address: Address): string {
  return addressText(address);
}
