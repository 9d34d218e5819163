import type { CableRecord } from '../../adapters/netbox/cabling.ts';
import type { Standing } from '../../adapters/netbox/look-up.ts';
import type { Change, ChangeKey, Fields, ObjectKind } from '../../core/change.ts';

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

/** A delete's before-image and version. */
export function beforeOf(details: Details, kind: ObjectKind, id: number): { before: Fields; version?: string } {
  const standing = details.whole(kind, id);
  return {
    before: standing?.fields ?? {},
    ...(standing?.version === undefined ? {} : { version: standing.version }),
  };
}

/** What must be done first, as a change says it. */
export function needs(changes: readonly Change[], more: readonly ChangeKey[] = []): { needs?: ChangeKey[] } {
  const keys = [...more, ...changes.map(({ key }) => key)];
  return keys.length === 0 ? {} : { needs: keys };
}
