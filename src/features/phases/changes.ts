import type { CableRecord, TagRecord } from '../../adapters/netbox/cabling.ts';
import type { Standing } from '../../adapters/netbox/look-up.ts';
import type { Change, ChangeKey, Create, Fields, FieldValue, ObjectKind, Update } from '../../core/change.ts';
import { invertedTag } from './cabling.ts';
import type { Decision } from './decide.ts';
import { entryKind, entryText, type Inversion } from './entry.ts';
import type { Facts, Nic } from './facts.ts';

/** What is read only once it is decided what will be written. `readDetails` reads it. */
export type Details = {
  readonly cables: ReadonlyMap<number, CableRecord>;
  /** Before-images of what is deleted, by kind and id. */
  readonly whole: (kind: ObjectKind, id: number) => Standing | undefined;
  /** What people call the switch ports that are written about. */
  readonly portName: (id: number) => string;
  /** The path at which NetBox's pages begin: `''` or `/netbox`. */
  readonly basePath: string;
};

/** By this text bmtool knows the tag that it made itself, and takes away again when nothing carries it any more. */
export const tagDescription = 'Switch ends swapped by bmtool (phase 2)';

/**
 * The changes that carry decisions out. Within a server: the entry before the cables and away after them; a new address before the device
 * that points to it, an old one after; everything else side by side.
 */
export function changesFor(decisions: readonly Decision[], facts: Facts, details: Details): Change[] {
  const decided = decisions.filter(decision => decision.problem === undefined);
  const inverting = decided.some(({ cabling }) => cabling?.wanted === 'inverted' && cabling.retag.length > 0);
  const newTag = inverting && facts.tag === undefined ? [makeTag] : [];
  const tagId: FieldValue = facts.tag?.id ?? { ref: makeTag.key };
  const changes = decided.flatMap(decision => [
    ...addressChanges(decision, facts, details),
    ...cablingChanges(decision, tagId, details),
  ]);
  return [...newTag, ...changes, ...dropTag(decided, facts.tag, changes, details)];
}

const makeTag: Create = {
  op: 'create',
  kind: 'extras.tag',
  key: `tag:${invertedTag}`,
  label: `tag ${invertedTag}`,
  subject: `tag:${invertedTag}`,
  after: { name: invertedTag, slug: invertedTag, color: 'f44336', description: tagDescription },
};

/** Status and out-of-band address are one PATCH: it costs NetBox what one of them costs. */
function addressChanges({ server, status, address }: Decision, facts: Facts, details: Details): Change[] {
  const subject = `device:${server.id}`;
  const bmc = server.bmcs[0];
  const made: Create[] =
    address?.give === undefined
      ? []
      : [
          {
            op: 'create',
            kind: 'ipam.ipaddress',
            key: `address:${server.id}`,
            label: `address ${address.give} on ${server.name} ${bmc?.name}`,
            subject,
            after: {
              address: address.give,
              ...(facts.bmcNetwork?.vrfId === undefined ? {} : { vrf: facts.bmcNetwork.vrfId }),
              status: 'active',
              assigned_object_type: 'dcim.interface',
              assigned_object_id: bmc?.id ?? 0,
            },
          },
        ];
  const removed = new Set(address?.remove.map(({ id }) => id));
  const fields: [name: string, before: FieldValue, after: FieldValue][] = [
    ...(status === undefined ? [] : ([['status', server.status, status]] as const)),
    ...oobField(address, server.oobIpId, made[0]),
    ...(
      [
        ['primary_ip4', server.primaryIp4Id],
        ['primary_ip6', server.primaryIp6Id],
      ] as const
    ).flatMap(([name, id]) =>
      id !== undefined && removed.has(id) ? [[name, id, null] as [string, FieldValue, FieldValue]] : [],
    ),
  ] as [string, FieldValue, FieldValue][];
  const update: Update[] =
    fields.length === 0
      ? []
      : [
          {
            op: 'update',
            kind: 'dcim.device',
            key: `device:${server.id}`,
            label: `device ${server.name}`,
            subject,
            id: server.id,
            before: Object.fromEntries(fields.map(([name, before]) => [name, before])),
            after: Object.fromEntries(fields.map(([name, , after]) => [name, after])),
            version: server.version,
            ...needs(made),
          },
        ];
  // The device lets go of an address first: deleting one that it points to saves the device behind our back, and deadlocks with a PATCH of it.
  const deleted = (address?.remove ?? []).map(
    (old): Change => ({
      op: 'delete',
      kind: 'ipam.ipaddress',
      key: `address:${server.id}/${old.id}`,
      label: `address ${old.address} on ${server.name}`,
      subject,
      id: old.id,
      ...beforeOf(details, 'ipam.ipaddress', old.id),
      ...needs(update),
    }),
  );
  return [...made, ...update, ...deleted];
}

function oobField(
  address: Decision['address'],
  before: number | undefined,
  made: Create | undefined,
): [string, FieldValue, FieldValue][] {
  if (address === undefined) return [];
  if (made) return [['oob_ip', before ?? null, { ref: made.key }]];
  if (address.promote) return [['oob_ip', before ?? null, address.promote.id]];
  return address.clearOob ? [['oob_ip', before ?? null, null]] : [];
}

function cablingChanges({ server, cabling }: Decision, tagId: FieldValue, details: Details): Change[] {
  if (cabling === undefined) return [];
  // Apart from the device's own subject: cables and journal entries touch no row that a PATCH of the device or its addresses touches.
  const subject = `cabling:${server.id}`;
  const tags = new Map(
    cabling.retag.map(id => {
      const before = details.cables.get(id)?.tags ?? [];
      return [
        id,
        { before, after: cabling.wanted === 'inverted' ? [...before, tagId] : before.filter(tag => tag !== tagId) },
      ];
    }),
  );
  const entry: Create[] = cabling.writeEntry
    ? [
        {
          op: 'create',
          kind: 'extras.journalentry',
          key: `entry:${server.id}`,
          label: `journal entry of ${server.name}`,
          subject,
          after: {
            assigned_object_type: 'dcim.device',
            assigned_object_id: server.id,
            kind: entryKind,
            comments: entryText(inversionOf(cabling.cabling.pair, details), details.basePath),
          },
        },
      ]
    : [];
  const cables: Update[] = [];
  const write = (nic: Nic, what: string, before: Fields, after: Fields) => {
    const { id } = nic.cable;
    const earlier = cables.findLast(change => change.id === id);
    const record = details.cables.get(id);
    const tagged = 'tags' in after && cabling.wanted === 'inverted' ? [makeTag.key] : [];
    const isNewTag = typeof tagId === 'object';
    cables.push({
      op: 'update',
      kind: 'dcim.cable',
      key: `cable:${id}${what}`,
      label: `cable ${record?.label || `#${id}`} of ${server.name} ${nic.name}`,
      subject,
      id,
      before,
      after,
      ...(earlier ? { follows: earlier.key } : record ? { version: record.version } : {}),
      ...needs([...entry, ...cables], isNewTag ? tagged : []),
    });
  };
  for (const [place, move] of cabling.moves.entries()) {
    const { nic, from, to } = move;
    const field = nic.cable.side === 'A' ? 'b_terminations' : 'a_terminations';
    const again = cabling.moves.findIndex((other, i) => i > place && other.nic === nic) !== -1;
    // The tag comes with the first move of a cable and goes with its last: whoever looks in between sees it.
    const first = cabling.moves.findIndex(other => other.nic === nic) === place;
    const retag = tags.get(nic.cable.id);
    const withTags = retag !== undefined && (cabling.wanted === 'inverted' ? first : !again);
    write(
      nic,
      again ? '/out' : '',
      { [field]: terminations(from), ...(withTags ? { tags: retag.before } : {}) },
      { [field]: terminations(to), ...(withTags ? { tags: retag.after } : {}) },
    );
  }
  for (const { nic } of cabling.cabling.pair) {
    const retag = tags.get(nic.cable.id);
    if (retag !== undefined && !cabling.moves.some(move => move.nic === nic))
      write(nic, '', { tags: retag.before }, { tags: retag.after });
  }
  const removed = cabling.removeEntries.map(
    (old): Change => ({
      op: 'delete',
      kind: 'extras.journalentry',
      key: `entry:${server.id}/${old.id}`,
      label: `journal entry of ${server.name}`,
      subject,
      id: old.id,
      ...beforeOf(details, 'extras.journalentry', old.id),
      ...needs(cables),
    }),
  );
  return [...entry, ...cables, ...removed];
}

/** The tag goes with the last cable that carries it, if bmtool made it. */
function dropTag(
  decided: readonly Decision[],
  tag: TagRecord | undefined,
  changes: readonly Change[],
  details: Details,
): Change[] {
  if (tag === undefined || tag.description !== tagDescription) return [];
  const untagging = decided.filter(({ cabling }) => cabling?.wanted === 'designed');
  const removed = untagging.reduce((sum, { cabling }) => sum + (cabling?.retag.length ?? 0), 0);
  const wantsTag = decided.some(({ cabling }) => cabling?.wanted === 'inverted');
  if (wantsTag || tag.items !== removed) return [];
  const carriers = changes.filter(change => change.op === 'update' && 'tags' in change.after);
  return [
    {
      op: 'delete',
      kind: 'extras.tag',
      key: makeTag.key,
      label: makeTag.label,
      subject: makeTag.subject,
      id: tag.id,
      ...beforeOf(details, 'extras.tag', tag.id),
      ...needs(carriers),
    },
  ];
}

function inversionOf(
  pair: readonly { readonly nic: Nic; readonly portId: number }[],
  { portName }: Details,
): Inversion {
  const [a, b] = pair.map(({ nic, portId }) => ({
    nic: { id: nic.id, name: nic.name },
    port: { id: portId, name: portName(portId) },
  }));
  return [a, b] as unknown as Inversion;
}

function terminations(portId: number | undefined): FieldValue {
  return portId === undefined ? [] : [{ object_type: 'dcim.interface', object_id: portId }];
}

function beforeOf(details: Details, kind: ObjectKind, id: number): { before: Fields; version?: string } {
  const standing = details.whole(kind, id);
  return {
    before: standing?.fields ?? {},
    ...(standing?.version === undefined ? {} : { version: standing.version }),
  };
}

function needs(changes: readonly Change[], more: readonly ChangeKey[] = []): { needs?: ChangeKey[] } {
  const keys = [...more, ...changes.map(({ key }) => key)];
  return keys.length === 0 ? {} : { needs: keys };
}
