import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { OuiRegistry } from '../../adapters/oui/registry.ts';
import type { Change, ChangeKey, ChangeResult } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import type { LeaseEvent } from '../../core/lease.ts';
import { type MacNote, noteDecision, noteWarning, warningOf } from '../../core/lease-note.ts';
import type { LeaseQueue, Settled, Taken } from '../../core/lease-queue.ts';
import type { Progress } from '../../core/progress.ts';
import type { CarryOut } from '../../engine/carry-out.ts';
import type { AwaitLanding } from '../../engine/landing.ts';
import { announcementsOf } from './announcement.ts';
import { changesFor } from './changes.ts';
import { type Act, type Decision, decide } from './decide.ts';
import { type FactCache, openFactCache } from './fact-cache.ts';
import type { Facts } from './facts.ts';
import { readFacts, type Sources } from './read.ts';
import type { Warning } from './warnings.ts';

export type WorkTools = {
  readonly queue: LeaseQueue;
  readonly netbox: NetBox;
  readonly oui: OuiRegistry;
  readonly carryOut: CarryOut;
  readonly awaitLanding: AwaitLanding;
  readonly progress: Progress;
  readonly interrupt: AbortSignal;
  readonly clock: () => number;
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly bmcInterfaces: readonly string[];
  readonly statusMap: Readonly<Record<string, string>>;
};

/** What became of one event. */
export type Worked = {
  /** The event. */
  readonly event: LeaseEvent;
  /** The row of the decision table. */
  readonly rule: string;
  /** What was done. */
  readonly act: Act;
  /** Why, in words. */
  readonly reason: string;
  /** The name of the device, where NetBox has the MAC. */
  readonly device: string | undefined;
  /** Entries written to the journal. */
  readonly journalled: number;
  /** The run that carried it out. */
  readonly runId: string | undefined;
  /** Why it could not be carried out; it comes again, or is a dead letter. */
  readonly failed: string | undefined;
};

/** One round of requests to NetBox is for all of these; so many are lost time if NetBox goes away meanwhile. */
const mostAtOnce = 1_000;
/** A warning is written once in this time; in between it is counted. */
const warnAgainMs = 24 * 3_600_000;
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Takes events, decides, carries out, settles; until the signal aborts or, with `wait: false`, until nothing is left. A NetBox that goes away is
 * waited for, with the events given back. Throws `Failure` when going on makes no sense (exit 4).
 */
export async function* work(tools: WorkTools, wish: { readonly wait: boolean }): AsyncGenerator<Worked> {
  const { queue, interrupt, progress, awaitLanding } = tools;
  const cache = openFactCache(tools.clock);
  await awaitLanding();
  for (let pauseMs = firstPauseMs; !interrupt.aborted; ) {
    const open = new Set<Taken>();
    try {
      const taken = await queue.take(mostAtOnce, { wait: wish.wait, signal: interrupt });
      if (taken.length === 0) return;
      for (const one of taken) open.add(one);
      const batch = { cache, newest: newestGrants(taken), settled: (done: Taken) => void open.delete(done) };
      for (const round of roundsOf(taken)) {
        if (!interrupt.aborted) yield* workRound(tools, batch, round);
      }
      pauseMs = firstPauseMs;
      continue;
    } catch (error) {
      // Told to end in the middle of a question to NetBox: what was in hand waits for the next worker.
      if (interrupt.aborted && error instanceof Failure && error.exit === 130) return;
      if (!isAway(error) || !wish.wait) throw error;
      progress.note(`${error.message}\n  ${counted(open.size, 'event')} waiting; next try in ${pauseMs / 1000} s`);
    } finally {
      await queue.giveBack([...open]).catch(ignoreAway);
    }
    cache.clear();
    await tools.pause(pauseMs, interrupt);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    if (!interrupt.aborted) await awaitLanding().catch(ignoreAway);
  }
}

function isAway(error: unknown): error is Failure {
  return error instanceof Failure && error.exit === 5;
}

function ignoreAway(error: unknown): void {
  if (!isAway(error)) throw error;
}

/** Events that have a MAC or an address in common come one after the other: each is decided by what the one before it left. */
export function roundsOf(taken: readonly Taken[]): Taken[][] {
  const rounds = new Map<number, Taken[]>();
  const last = new Map<string, number>();
  for (const one of taken) {
    const { mac, address } = one.event.data;
    const round = Math.max(last.get(mac) ?? -1, last.get(address) ?? -1) + 1;
    last.set(mac, round);
    last.set(address, round);
    rounds.set(round, rounds.get(round) ?? []);
    rounds.get(round)?.push(one);
  }
  return [...rounds.values()];
}

type Step = {
  readonly taken: Taken;
  readonly decision: Decision;
  /** Warnings to be written now. */
  readonly due: readonly Warning[];
};

type Batch = {
  readonly cache: FactCache;
  /** When each MAC was given an address last, of all events in hand. */
  readonly newest: ReadonlyMap<string, number>;
  readonly settled: (taken: Taken) => void;
};

function newestGrants(taken: readonly Taken[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { event } of taken) {
    const { kind, mac, time } = event.data;
    if (kind === 'granted') newest.set(mac, Math.max(newest.get(mac) ?? 0, Date.parse(time)));
  }
  return newest;
}

async function* workRound(tools: WorkTools, batch: Batch, round: readonly Taken[]): AsyncGenerator<Worked> {
  const { queue, clock } = tools;
  const { cache, settled } = batch;
  const { steps, later } = apart(await decideRound(tools, batch, round));
  const { runId, reasons, undecided } = await carryOutSteps(tools, cache, steps);
  const at = new Date(clock()).toISOString();
  const done = steps.filter(({ taken }) => !undecided.has(taken) && !reasons.has(taken));
  await queue.settle(done.map(step => settlement(step, at, runId)));
  await queue.fail([...reasons].map(([taken, reason]) => ({ taken, reason })));
  for (const { taken, decision, due } of steps) {
    if (undecided.has(taken)) continue;
    settled(taken);
    const { rule, act, reason, facts } = decision;
    yield {
      event: taken.event,
      rule,
      act,
      reason,
      device: facts.device?.name,
      journalled: reasons.has(taken) ? 0 : due.length,
      runId: writes(act) || due.length > 0 ? runId : undefined,
      failed: reasons.get(taken),
    };
  }
  if (later.length > 0 && !tools.interrupt.aborted) yield* workRound(tools, batch, later);
}

/** Two events that write to one device (BMCs that swapped their addresses) come one after the other: the second is decided by what the first leaves. */
function apart(all: readonly Step[]): { steps: Step[]; later: Taken[] } {
  const devices = new Set<number>();
  const steps: Step[] = [];
  const later: Taken[] = [];
  for (const step of all) {
    const { facts, placing, act } = step.decision;
    const own = writes(act) ? [facts.device?.id, placing?.use?.holder?.device.id].filter(id => id !== undefined) : [];
    if (own.some(id => devices.has(id))) later.push(step.taken);
    else steps.push(step);
    for (const id of own) devices.add(id);
  }
  return { steps, later };
}

/** By facts that are a few seconds old where they ask for nothing to be written; anew where they do, or are older. */
async function decideRound(tools: WorkTools, { cache, newest }: Batch, round: readonly Taken[]): Promise<Step[]> {
  const { queue, netbox, oui, bmcInterfaces, clock } = tools;
  const decideOne = (event: LeaseEvent, facts: Facts) =>
    decide({ event, facts: { ...facts, newestMs: newest.get(event.data.mac) } }, tools);
  const sources: Sources = { netbox, oui, bmcInterfaces, notes: queue.notes.read };
  const notes = await queue.notes.read(round.map(({ event }) => event.data.mac));
  const decided = new Map<Taken, Step>();
  for (const taken of round) {
    const facts = cache.get(taken.event);
    if (facts === undefined) continue;
    const note = notes.get(taken.event.data.mac);
    const decision = decideOne(taken.event, { ...facts, note });
    const due = dueByNote(decision, note, clock());
    if (!writes(decision.act) && due.length === 0) decided.set(taken, { taken, decision, due });
  }
  const unsure = round.filter(taken => !decided.has(taken));
  const readMs = clock();
  const fresh = await readFacts(
    sources,
    unsure.map(({ event }) => event),
  );
  for (const [i, { event, facts }] of fresh.entries()) {
    cache.set(event, facts, readMs);
    const decision = decideOne(event, facts);
    const taken = unsure[i] as Taken;
    decided.set(taken, { taken, decision, due: dueByNote(decision, facts.note, clock()) });
  }
  const steps = round.map(taken => decided.get(taken) as Step);
  return withoutWritten(netbox, steps, clock());
}

function writes(act: Act): boolean {
  return act === 'discover' || act === 'move' || act === 'assign';
}

function dueByNote({ warnings }: Decision, note: MacNote | undefined, nowMs: number): Warning[] {
  return warnings.filter(({ fact }) => {
    const written = warningOf(note, fact)?.writtenAt;
    return written === undefined || nowMs - Date.parse(written) >= warnAgainMs;
  });
}

/** Another worker, or this one before it was killed, may have written a warning that is not noted. */
async function withoutWritten(netbox: NetBox, steps: readonly Step[], nowMs: number): Promise<Step[]> {
  const devices = [...new Set(steps.flatMap(({ due }) => due.map(({ deviceId }) => deviceId)))];
  if (devices.length === 0) return [...steps];
  const since = new Date(nowMs - warnAgainMs).toISOString();
  const journal = Map.groupBy(await netbox.fleet.journalOf(devices, 'warning', since), ({ deviceId }) => deviceId);
  const isThere = ({ deviceId, fact }: Warning) =>
    (journal.get(deviceId) ?? []).some(({ comments }) => comments.startsWith(fact));
  return steps.map(step => ({ ...step, due: step.due.filter(warning => !isThere(warning)) }));
}

type Outcome = {
  readonly runId: string | undefined;
  /** Why events failed. */
  readonly reasons: ReadonlyMap<Taken, string>;
  /** Interrupted before they were carried out. */
  readonly undecided: ReadonlySet<Taken>;
};

async function carryOutSteps(tools: WorkTools, cache: FactCache, steps: readonly Step[]): Promise<Outcome> {
  const planned = steps.map(({ taken, decision, due }) => ({ taken, decision, changes: changesFor(decision, due) }));
  const changes = planned.flatMap(step => step.changes);
  if (changes.length === 0) return { runId: undefined, reasons: new Map(), undecided: new Set() };
  for (const { taken } of planned) cache.drop(taken.event);
  await tools.queue.promise(planned.flatMap(({ taken, decision }) => announcementsOf(taken.event, decision)));
  const { runId, results, interrupted } = await tools.carryOut({ command: 'dhcp worker', changes, quiet: true });
  const reasons = new Map<Taken, string>();
  const undecided = new Set<Taken>();
  for (const { taken, changes: own } of planned) {
    const reason = failureOf(own, results);
    if (reason !== undefined) reasons.set(taken, reason);
    else if (interrupted && own.some(({ key }) => results.get(key)?.state !== 'done')) undecided.add(taken);
  }
  return { runId, reasons, undecided };
}

function failureOf(changes: readonly Change[], results: ReadonlyMap<ChangeKey, ChangeResult>): string | undefined {
  for (const { key, op, label } of changes) {
    const result = results.get(key);
    if (result?.state === 'failed') return `${op} ${label}: ${result.reason}`;
  }
  return undefined;
}

/** Clients that are nobody's concern leave no note: a network has many of them. */
function settlement({ taken, decision, due }: Step, at: string, runId: string | undefined): Settled {
  const { rule, act, reason, facts, warnings, lease } = decision;
  const isNobodys = facts.device === undefined && facts.note === undefined;
  if ((act === 'ignore' || act === 'note') && isNobodys) return { taken };
  const entry = {
    lease,
    eventId: taken.event.id,
    rule,
    act,
    reason,
    at,
    ...(facts.device ? { device: facts.device.name } : {}),
    ...(runId !== undefined && writes(act) ? { runId } : {}),
  };
  const noted = noteDecision(facts.note, entry);
  const note = warnings.reduce((all, warning) => noteWarning(all, warning.fact, at, due.includes(warning)), noted);
  return { taken, note };
}
