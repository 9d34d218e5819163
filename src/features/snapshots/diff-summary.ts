import type { RecordKind } from '../../adapters/postgres/record/kinds.ts';
import { agreeing } from '../../core/counted.ts';
import type { DiffOutcome } from './diff.ts';
import { counted } from './words.ts';

export const plural: Readonly<Record<RecordKind, string>> = {
  device: 'devices',
  interface: 'interfaces',
  mac: 'MAC addresses',
  address: 'IP addresses',
  cable: 'cables',
  journal: 'journal entries',
};
const singular: Readonly<Record<RecordKind, string>> = {
  device: 'device',
  interface: 'interface',
  mac: 'MAC address',
  address: 'IP address',
  cable: 'cable',
  journal: 'journal entry',
};
export const ops = ['removed', 'added', 'changed', 'remade'] as const;

export type KindSummary = {
  /** What kind of object. */
  readonly kind: RecordKind;
  /** Objects that are gone. */
  readonly removed: number;
  /** Objects that are new. */
  readonly added: number;
  /** Objects that differ in a field. */
  readonly changed: number;
  /** Objects that were deleted and made again. */
  readonly remade: number;
  /** How many objects differ in each field. */
  readonly fields: Readonly<Record<string, number>>;
};

export function summaryOf({ objects, kinds }: Pick<DiffOutcome, 'objects' | 'kinds'>): KindSummary[] {
  return kinds.map(kind => {
    const own = objects.filter(object => object.kind === kind);
    const [removed = 0, added = 0, changed = 0, remade = 0] = ops.map(
      op => own.filter(object => object.op === op).length,
    );
    const fields: Record<string, number> = {};
    for (const object of own) for (const name of Object.keys(object.fields)) fields[name] = (fields[name] ?? 0) + 1;
    return { kind, removed, added, changed, remade, fields };
  });
}

/** One sentence. */
export function conclusion(outcome: DiffOutcome): string {
  const { objects, tables, shape } = outcome;
  if (objects.length + tables.length + shape.length === 0) return 'Nothing differs.';
  const parts = summaryOf(outcome).flatMap(one => {
    const count = ops.reduce((sum, op) => sum + one[op], 0);
    return count === 0
      ? []
      : [`${count.toLocaleString('en-US')} ${agreeing(count, singular[one.kind], plural[one.kind])}`];
  });
  if (tables.length > 0) parts.push(`the rows of ${counted(tables.length, 'other table')}`);
  if (shape.length > 0) parts.push('what NetBox keeps of them');
  const [first = '', ...others] = parts.reverse();
  return `Different: ${others.length === 0 ? first : `${others.reverse().join(', ')} and ${first}`}.`;
}
