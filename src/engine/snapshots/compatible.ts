import type { Makeup, Manifest } from '../../adapters/postgres/manifest.ts';

/** The record as it is now, as far as it can be told: a wrecked database tells nothing, and a NetBox on top of it neither. */
export type Now = { readonly makeup: Makeup | undefined; readonly netbox: string };

/** One thing in which a snapshot is of another NetBox. */
export type Difference = {
  /** What differs. */
  readonly what: string;
  /** As it is here. */
  readonly here: string;
  /** As it is in the snapshot. */
  readonly snapshot: string;
};

/** In what a snapshot does not fit the NetBox that would have to work with it. Nothing where all that can be compared is the same. */
export function differencesOf(
  manifest: Pick<Manifest, 'netbox' | 'migrations'>,
  { makeup, netbox }: Now,
): Difference[] {
  const differences: Difference[] = [];
  if (netbox !== '' && manifest.netbox !== '' && netbox !== manifest.netbox)
    differences.push({ what: 'NetBox', here: netbox, snapshot: manifest.netbox });
  if (makeup !== undefined && makeup.migrations.digest !== manifest.migrations.digest) {
    const apps = [
      ...new Set([...Object.keys(makeup.migrations.last), ...Object.keys(manifest.migrations.last)]),
    ].sort();
    const moved = apps.filter(app => makeup.migrations.last[app] !== manifest.migrations.last[app]);
    for (const app of moved)
      differences.push({
        what: `migrations of ${app}`,
        here: makeup.migrations.last[app] ?? 'none',
        snapshot: manifest.migrations.last[app] ?? 'none',
      });
    if (moved.length === 0)
      differences.push({
        what: 'migrations',
        here: `${makeup.migrations.count}, digest ${makeup.migrations.digest.slice(0, 8)}`,
        snapshot: `${manifest.migrations.count}, digest ${manifest.migrations.digest.slice(0, 8)}`,
      });
  }
  return differences;
}
