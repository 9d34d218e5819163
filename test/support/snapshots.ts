import type { Manifest, Waiting } from '../../src/adapters/postgres/manifest.ts';

export const nothingWaiting: Waiting = {
  queue: { key: 'netbox:bmc:discovered', entries: [], digest: '0123456789abcdef' },
  jobs: { queues: {}, scheduled: {}, fields: {} },
};

/** A manifest as `snapshot save` writes it, with what a test wants otherwise. */
export function aManifest(otherwise: Partial<Manifest> = {}): Manifest {
  return {
    format: 1,
    name: '1',
    number: 1,
    savedAt: '2026-11-21T11:30:12.345Z',
    note: '',
    who: 'ann@jump1',
    tool: '0.1.0',
    source: 'netbox',
    netbox: '4.7.3',
    phase: 1,
    bytes: 35_000_000,
    postgres: '18.4',
    migrations: { digest: 'a1', count: 812, last: { dcim: '0250_cooling_infrastructure', ipam: '0097_merge' } },
    types: 'b2',
    fleet: 'c3',
    rows: { dcim_device: 665, dcim_interface: 4847 },
    ...nothingWaiting,
    ...otherwise,
  };
}
