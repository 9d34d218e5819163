import type { DeviceRecord, InterfaceRecord, MacRecord } from '../../../src/adapters/netbox/records.ts';
import type { Mac } from '../../../src/core/mac.ts';
import { checkPlan } from '../../../src/core/plan.ts';
import type { Entry } from '../../../src/features/macs/manifest.ts';
import { type Facts, planMacs, type RowPlan } from '../../../src/features/macs/plan.ts';

export const mine = '94:40:C9:00:00:01' as Mac;
export const other = '94:40:C9:00:00:99';
export const entry: Entry = { line: 7, serial: 'CZ1', mac: mine };
export const server: DeviceRecord = {
  id: 41,
  name: 'srv-041',
  serial: 'cz1',
  manufacturer: 'HPE',
  version: 'd1',
};
export const bmc: InterfaceRecord = {
  id: 401,
  deviceId: 41,
  deviceName: 'srv-041',
  name: 'iLO',
  primaryMacId: undefined,
  version: 'i1',
};
export const withPrimary = (id: number): InterfaceRecord => ({ ...bmc, primaryMacId: id });

export function mac(
  id: number,
  address: string,
  on: { type?: string; id: number; label?: string } | undefined,
): MacRecord {
  return {
    id,
    address,
    version: `m${id}`,
    on: on && { type: on.type ?? 'dcim.interface', id: on.id, label: on.label ?? '' },
  };
}

export type Scene = {
  devices?: DeviceRecord[];
  bmcs?: InterfaceRecord[];
  names?: string[];
  on?: MacRecord[];
  elsewhere?: MacRecord[];
  journal?: string[];
  organisation?: string;
  owed?: Facts['owed'];
};

export function factsOf(scene: Scene): Facts {
  return {
    devices: new Map([['cz1', scene.devices ?? [server]]]),
    bmcInterfaces: new Map([[41, scene.bmcs ?? [bmc]]]),
    interfaceNames: new Map([[41, scene.names ?? []]]),
    macsOn: new Map([[401, scene.on ?? []]]),
    macsWith: new Map([
      [mine, [...(scene.on ?? []), ...(scene.elsewhere ?? [])].filter(({ address }) => address === mine)],
    ]),
    journal: new Map([[41, scene.journal ?? []]]),
    organisations: new Map(scene.organisation === undefined ? [] : [['9440C9', scene.organisation]]),
    owed: scene.owed ?? new Map(),
  };
}

export function planOf(scene: Scene): RowPlan {
  const [plan] = planMacs([entry], factsOf(scene), 'servers.csv');
  if (plan === undefined) throw new Error('no plan for the row');
  checkPlan(plan.changes);
  return plan;
}
