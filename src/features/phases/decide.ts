import type { AddressRecord } from '../../adapters/netbox/addressing.ts';
import type { Problem } from '../../core/problem.ts';
import { type Allotment, allot } from './addresses.ts';
import { type Cabling, judgeCabling, type Move, movesTo } from './cabling.ts';
import type { Entry } from './entry.ts';
import type { Facts, ServerFacts } from './facts.ts';
import { type Phase, type PhaseNumber, phases, statusOf } from './phase.ts';

/** What a server lacks to be in a phase. Nothing in it but `server`: it is there. */
export type Decision = {
  readonly server: ServerFacts;
  /** The status to set. */
  readonly status?: string;
  readonly address?: AddressDecision;
  readonly cabling?: CablingDecision;
  /** Why the server is left alone, as it is. */
  readonly problem?: Problem;
};

export type AddressDecision = {
  /** To be made on the BMC interface, and set as the out-of-band address. */
  readonly give?: string;
  /** There already, to be set as the out-of-band address. */
  readonly promote?: AddressRecord;
  readonly clearOob: boolean;
  readonly remove: readonly AddressRecord[];
};

export type CablingDecision = {
  readonly wanted: Phase['cabling'];
  readonly cabling: Extract<Cabling, { known: true }>;
  readonly moves: readonly Move[];
  /** Cables whose tag is to be set or taken off. */
  readonly retag: readonly number[];
  readonly writeEntry: boolean;
  readonly removeEntries: readonly Entry[];
};

export type DecideWish = { readonly phase: PhaseNumber; readonly statusMap: Readonly<Record<string, string>> };

export type Decided = {
  readonly decisions: readonly Decision[];
  /** The addresses do not fit into the prefix: nothing may be written. */
  readonly short: Extract<Allotment, { fits: false }> | undefined;
};

/** The difference between the fleet as read and a phase, server by server. Pure and total: a server that cannot get there is a problem and stops nobody. */
export function decide(facts: Facts, wish: DecideWish): Decided {
  const phase: Phase = phases[wish.phase];
  const status = statusOf(wish.phase, wish.statusMap);
  const network = facts.bmcNetwork;
  const allotment = phase.address === 'one' && network !== undefined ? allot(facts.servers, network) : undefined;
  const decisions = facts.servers.map((server): Decision => {
    const cabling = facts.cablingRead ? decideCabling(server, phase) : undefined;
    const address = phase.address === 'none' ? decideNoAddress(server) : decideOneAddress(server, allotment);
    const why = [cabling, address].find(decision => typeof decision === 'string') as string | undefined;
    if (why !== undefined)
      return { server, problem: { severity: 'error', subject: server.name, message: `left alone: ${why}` } };
    return {
      server,
      ...(server.status === status ? {} : { status }),
      ...(address === undefined ? {} : { address: address as AddressDecision }),
      ...(cabling === undefined ? {} : { cabling: cabling as CablingDecision }),
    };
  });
  return { decisions, short: allotment?.fits === false ? allotment : undefined };
}

/** The parts of a server that a phase is about. */
export const aspects = ['status', 'address', 'cabling', 'entry'] as const;
export type Aspect = (typeof aspects)[number];

/** In what a server differs from the phase that was decided for. Nothing for one that is left alone: nobody knows. */
export function differences({ status, address, cabling }: Decision): Aspect[] {
  const cables = cabling !== undefined && cabling.moves.length + cabling.retag.length > 0;
  const entry = cabling !== undefined && (cabling.writeEntry || cabling.removeEntries.length > 0);
  return [
    ...(status === undefined ? [] : (['status'] as const)),
    ...(address === undefined ? [] : (['address'] as const)),
    ...(cables ? (['cabling'] as const) : []),
    ...(entry ? (['entry'] as const) : []),
  ];
}

function decideNoAddress({ addresses, oobIpId }: ServerFacts): AddressDecision | undefined {
  const clearOob = oobIpId !== undefined;
  return clearOob || addresses.length > 0 ? { clearOob, remove: addresses } : undefined;
}

/** A text says why not. */
function decideOneAddress(server: ServerFacts, allotment: Allotment | undefined): AddressDecision | string | undefined {
  if (server.bmcs.length === 0) return 'it has no BMC interface';
  if (server.bmcs.length > 1)
    return `it has ${server.bmcs.length} BMC interfaces: ${server.bmcs.map(({ name }) => name).join(', ')}`;
  if (allotment?.fits !== true) return undefined;
  const kept = allotment.kept.get(server.id);
  const remove = server.addresses.filter(({ id }) => id !== kept?.id);
  if (kept === undefined) return { give: allotment.given.get(server.id) ?? '', clearOob: false, remove };
  const promote = server.oobIpId === kept.id ? {} : { promote: kept };
  return 'promote' in promote || remove.length > 0 ? { ...promote, clearOob: false, remove } : undefined;
}

function decideCabling(server: ServerFacts, { cabling: wanted }: Phase): CablingDecision | string | undefined {
  const cabling = judgeCabling(server);
  if (!cabling.known) return wanted === 'inverted' || cabling.marked ? cabling.reason : undefined;
  const moves = movesTo(cabling.pair, wanted);
  const retag = cabling.pair
    .filter(({ nic }) => nic.cable.tagged !== (wanted === 'inverted'))
    .map(({ nic }) => nic.cable.id);
  const keep = wanted === 'inverted' ? cabling.entry : undefined;
  const removeEntries = server.entries.filter(entry => entry !== keep);
  const writeEntry = wanted === 'inverted' && keep === undefined;
  const nothing = moves.length + retag.length + removeEntries.length === 0 && !writeEntry;
  return nothing ? undefined : { wanted, cabling, moves, retag, writeEntry, removeEntries };
}
