import type { Change } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import { kindText } from '../../core/plan.ts';
import { invertedTag } from '../../core/tag.ts';

/** What a group of changes does to servers, by verb and kind. */
const groupWords: Readonly<Record<string, (group: readonly Change[]) => string>> = {
  'create extras.tag': () => `make the tag ${invertedTag}`,
  'delete extras.tag': () => `remove the tag ${invertedTag}`,
  'create ipam.ipaddress': group => `give ${counted(group.length, 'server')} a BMC address`,
  'delete ipam.ipaddress': group => `remove ${counted(group.length, 'BMC address', 'BMC addresses')}`,
  'create extras.journalentry': group => `write ${counted(group.length, 'journal entry', 'journal entries')}`,
  'delete extras.journalentry': group => `remove ${counted(group.length, 'journal entry', 'journal entries')}`,
  'update dcim.device': devicesWords,
  'update dcim.cable': cablesWords,
};

export function groupText(group: readonly Change[]): string {
  const [{ op, kind }] = group as [Change];
  return groupWords[`${op} ${kind}`]?.(group) ?? `${op} ${group.length} ${kindText(kind, group.length)}`;
}

function devicesWords(group: readonly Change[]): string {
  const updates = group.flatMap(change => (change.op === 'update' ? [change] : []));
  const having = (field: string) => updates.filter(({ after }) => field in after);
  const statuses = Map.groupBy(having('status'), ({ before, after }) => `${before.status} → ${after.status}`);
  const moves = [...statuses].map(([move, { length }]) => (statuses.size === 1 ? move : `${length} ${move}`));
  const [set, cleared] = [
    having('oob_ip').filter(({ after }) => after.oob_ip !== null).length,
    having('oob_ip').filter(({ after }) => after.oob_ip === null).length,
  ];
  return [
    ...(statuses.size > 0
      ? [`set the status of ${counted(having('status').length, 'server')} (${moves.join(', ')})`]
      : []),
    ...(set > 0 ? [`set the out-of-band address of ${counted(set, 'server')}`] : []),
    ...(cleared > 0 ? [`clear the out-of-band address of ${counted(cleared, 'server')}`] : []),
  ].join('\n  ');
}

function cablesWords(group: readonly Change[]): string {
  const isMove = (change: Change) =>
    change.op === 'update' && !('tags' in change.after && Object.keys(change.after).length === 1);
  const idsOf = (changes: readonly Change[]) =>
    new Set(changes.map(change => (change.op === 'update' ? change.id : 0))).size;
  const moved = group.filter(isMove);
  const retagged = idsOf(group) - idsOf(moved);
  return [
    ...(moved.length > 0
      ? [`move the switch ends of ${counted(idsOf(moved), 'cable')} (${counted(moved.length, 'write')})`]
      : []),
    ...(retagged > 0 ? [`change the tags of ${counted(retagged, 'cable')}`] : []),
  ].join('\n  ');
}
