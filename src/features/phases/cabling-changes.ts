import { type Change, type Create, type Fields, type FieldValue, isRef, type Update } from '../../core/change.ts';
import type { Pair } from './cabling.ts';
import type { CablingDecision, Decision } from './decide.ts';
import { beforeOf, type Details, needs } from './details.ts';
import { entryKind, entryText, type Inversion } from './entry.ts';
import type { Nic, ServerFacts } from './facts.ts';
import { makeTag } from './tag.ts';

/**
 * The entry before the first cable moves, and away after the last: at every moment it tells where each cable belongs.
 *
 * @param tagId the id of the tag, or the ref to it where this plan makes it
 */
export function cablingChanges({ server, cabling }: Decision, tagId: FieldValue, details: Details): Change[] {
  if (cabling === undefined) return [];
  const entry = cabling.writeEntry ? [newEntry(server, cabling.cabling.pair, details)] : [];
  const cables = cableUpdates(server, stepsOf(cabling, tagId, details), entry, details);
  const removed = cabling.removeEntries.map(
    (old): Change => ({
      op: 'delete',
      kind: 'extras.journalentry',
      key: `entry:${server.id}/${old.id}`,
      label: `journal entry of ${server.name}`,
      subject: subjectOf(server),
      id: old.id,
      ...beforeOf(details, 'extras.journalentry', old.id),
      ...needs(cables),
    }),
  );
  return [...entry, ...cables, ...removed];
}

/** Not the device's own: cables and journal entries touch no row that a PATCH of the device or of its addresses touches. */
function subjectOf({ id }: ServerFacts): string {
  return `cabling:${id}`;
}

/** One PATCH of one cable: its far end moved, its tags changed, or both. */
type Step = { readonly nic: Nic; before: Fields; after: Fields };

/** The tag comes with the first step of a cable and goes with the last: whoever looks in between sees it. */
function stepsOf({ wanted, moves, retag, cabling }: CablingDecision, tagId: FieldValue, details: Details): Step[] {
  const steps = moves.map(({ nic, from, to }): Step => {
    const field = nic.cable.side === 'A' ? 'b_terminations' : 'a_terminations';
    return { nic, before: { [field]: terminations(from) }, after: { [field]: terminations(to) } };
  });
  for (const { nic } of cabling.pair.filter(one => retag.includes(one.nic.cable.id))) {
    const before = details.cables.get(nic.cable.id)?.tags ?? [];
    const after = wanted === 'inverted' ? [...before, tagId] : before.filter(tag => tag !== tagId);
    const isOwn = (step: Step) => step.nic === nic;
    const step = wanted === 'inverted' ? steps.find(isOwn) : steps.findLast(isOwn);
    if (step === undefined) steps.push({ nic, before: { tags: before }, after: { tags: after } });
    else Object.assign(step, { before: { ...step.before, tags: before }, after: { ...step.after, tags: after } });
  }
  return steps;
}

/** Each step waits for the one before it, which frees its port. */
function cableUpdates(
  server: ServerFacts,
  steps: readonly Step[],
  entry: readonly Create[],
  details: Details,
): Update[] {
  const cables: Update[] = [];
  for (const [place, { nic, before, after }] of steps.entries()) {
    const { id } = nic.cable;
    const earlier = cables.findLast(change => change.id === id);
    const again = steps.some((other, i) => i > place && other.nic === nic);
    const record = details.cables.get(id);
    const usesNewTag = Array.isArray(after.tags) && after.tags.some(isRef);
    cables.push({
      op: 'update',
      kind: 'dcim.cable',
      key: `cable:${id}${again ? '/out' : ''}`,
      label: `cable ${record?.label || `#${id}`} of ${server.name} ${nic.name}`,
      subject: subjectOf(server),
      id,
      before,
      after,
      ...(earlier ? { follows: earlier.key } : record ? { version: record.version } : {}),
      ...needs([...(usesNewTag ? [makeTag] : []), ...entry, ...cables]),
    });
  }
  return cables;
}

function newEntry(server: ServerFacts, pair: Pair, details: Details): Create {
  return {
    op: 'create',
    kind: 'extras.journalentry',
    key: `entry:${server.id}`,
    label: `journal entry of ${server.name}`,
    subject: subjectOf(server),
    after: {
      assigned_object_type: 'dcim.device',
      assigned_object_id: server.id,
      kind: entryKind,
      comments: entryText(inversionOf(pair, details), details.basePath),
    },
  };
}

function inversionOf([a, b]: Pair, { portName }: Details): Inversion {
  const named = ({ nic, portId }: Pair[number]) => ({
    nic: { id: nic.id, name: nic.name },
    port: { id: portId, name: portName(portId) },
  });
  return [named(a), named(b)];
}

function terminations(portId: number | undefined): FieldValue {
  return portId === undefined ? [] : [{ object_type: 'dcim.interface', object_id: portId }];
}
