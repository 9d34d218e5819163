import type { DeviceRecord, InterfaceRecord, MacRecord } from '../../adapters/netbox/records.ts';
import type { Change, Create } from '../../core/change.ts';
import { ouiOf } from '../../core/mac.ts';
import { vendorMismatch } from '../../core/vendor.ts';
import { conflictText, setText } from './journal.ts';
import type { Entry } from './manifest.ts';
import type { RowVerdict } from './verdict.ts';

/** What NetBox knows about the servers of a manifest. All that `planMacs` looks at; `readFacts` reads it. */
export type Facts = {
  /** By serial in lower case: NetBox compares serials without case. */
  readonly devices: ReadonlyMap<string, readonly DeviceRecord[]>;
  /** BMC interfaces by device id. */
  readonly bmcInterfaces: ReadonlyMap<number, readonly InterfaceRecord[]>;
  /** Names of all interfaces, only for devices that have not exactly one BMC interface. */
  readonly interfaceNames: ReadonlyMap<number, readonly string[]>;
  /** MAC objects by the BMC interface that they are assigned to. */
  readonly macsOn: ReadonlyMap<number, readonly MacRecord[]>;
  /** MAC objects by address, wherever they are. */
  readonly macsWith: ReadonlyMap<string, readonly MacRecord[]>;
  /** Texts of journal entries by device id, only of devices where one may have to be written or left out. */
  readonly journal: ReadonlyMap<number, readonly string[]>;
  /** Who an address block is registered to, by OUI. */
  readonly organisations: ReadonlyMap<string, string>;
  /** Journal entries that a run cut short may have left out, by key. */
  readonly owed: ReadonlyMap<string, Create>;
};

/** What is to be done for one row: its verdict, and the changes that carry it out (none for most verdicts). */
export type RowPlan = { readonly row: RowVerdict; readonly changes: readonly Change[] };

/** Manifest rows and NetBox's facts in, a verdict and the changes for each row out. Pure and total: no row stops another. */
export function planMacs(entries: readonly Entry[], facts: Facts, manifest: string): RowPlan[] {
  return entries.map(entry => planRow(entry, facts, manifest));
}

/** The table of the README, top to bottom: the first case that fits decides. */
function planRow(entry: Entry, facts: Facts, manifest: string): RowPlan {
  const { line, serial, mac } = entry;
  const about = { line, serial, mac: mac as string };
  const devices = facts.devices.get(serial.toLowerCase()) ?? [];
  const [device] = devices;
  if (device === undefined)
    return only({ ...about, verdict: 'not-found', reason: `no device in NetBox has the serial ${serial}` });
  if (devices.length > 1) {
    const names = devices.map(({ name, id }) => `${name} (id ${id})`).join(', ');
    return only({
      ...about,
      verdict: 'ambiguous',
      reason: `${devices.length} devices have the serial ${serial}: ${names}`,
    });
  }
  const candidates = facts.bmcInterfaces.get(device.id) ?? [];
  const [bmc] = candidates;
  if (bmc === undefined || candidates.length > 1) {
    return only({
      ...about,
      device: device.name,
      verdict: 'no-bmc-interface',
      reason: noBmcText(device, candidates, facts),
    });
  }
  const known = { ...about, device: device.name, interface: bmc.name };
  const here = facts.macsOn.get(bmc.id) ?? [];
  const primary = here.find(record => record.id === bmc.primaryMacId);
  const warning = vendorMismatch(ouiOf(mac), facts.organisations.get(ouiOf(mac)), device.manufacturer);
  const warned = warning ? { warning } : {};
  if (primary?.address === mac) {
    const owed = owedEntry(bmc, device, facts);
    return owed
      ? {
          row: {
            ...known,
            ...warned,
            verdict: 'set',
            reason: 'a run that was cut short set it; its journal entry is written now',
          },
          changes: [owed],
        }
      : only({ ...known, verdict: 'unchanged' });
  }
  if (bmc.primaryMacId !== undefined && primary === undefined) {
    return only({
      ...known,
      verdict: 'conflict',
      reason: `${bmc.name} has a primary MAC (id ${bmc.primaryMacId}) that this token may not see`,
    });
  }
  const same = here.find(record => record.address === mac);
  const other = contradicting(bmc, here, mac);
  if (other) return conflict(entry, device, bmc, other, facts, manifest);
  const elsewhere = facts.macsWith
    .get(mac)
    ?.find(record => record.on !== undefined && !(record.on.type === 'dcim.interface' && record.on.id === bmc.id));
  if (elsewhere)
    return only({
      ...known,
      verdict: 'taken',
      reason: `${mac} is on ${elsewhere.on?.label || `${elsewhere.on?.type} ${elsewhere.on?.id}`}`,
    });
  const loose = facts.macsWith.get(mac)?.find(record => record.on === undefined);
  return {
    row: { ...known, verdict: 'set', ...warned },
    changes: setChanges(entry, device, bmc, same, loose, manifest),
  };
}

/** The MAC on a BMC's interface that contradicts the manifest: its primary one, else any unless the right one is among them. */
export function contradicting(bmc: InterfaceRecord, here: readonly MacRecord[], mac: string): MacRecord | undefined {
  const primary = here.find(record => record.id === bmc.primaryMacId);
  if (primary !== undefined) return primary.address === mac ? undefined : primary;
  return here.some(record => record.address === mac) ? undefined : here[0];
}

/** The MAC first, then the interface, then the journal: an entry never tells of something that did not happen. */
function setChanges(
  entry: Entry,
  device: DeviceRecord,
  bmc: InterfaceRecord,
  same: MacRecord | undefined,
  loose: MacRecord | undefined,
  manifest: string,
): Change[] {
  const subject = `device:${device.id}`;
  const macKey = `mac:${device.name}/${bmc.name}#${bmc.id}`;
  const label = `MAC ${entry.mac} on ${device.name} ${bmc.name}`;
  const assignment = { assigned_object_type: 'dcim.interface', assigned_object_id: bmc.id };
  const macChange: Change[] = same
    ? []
    : loose
      ? [
          {
            op: 'update',
            kind: 'dcim.macaddress',
            key: macKey,
            label,
            subject,
            id: loose.id,
            before: { assigned_object_type: null, assigned_object_id: null },
            after: assignment,
            version: loose.version,
          },
        ]
      : [
          {
            op: 'create',
            kind: 'dcim.macaddress',
            key: macKey,
            label,
            subject,
            after: { mac_address: entry.mac, ...assignment },
          },
        ];
  const interfaceKey = `primary-mac:${device.name}/${bmc.name}#${bmc.id}`;
  return [
    ...macChange,
    {
      op: 'update',
      kind: 'dcim.interface',
      key: interfaceKey,
      label: `${device.name} ${bmc.name}`,
      subject,
      id: bmc.id,
      before: { primary_mac_address: null },
      after: { primary_mac_address: same?.id ?? loose?.id ?? { ref: macKey } },
      version: bmc.version,
      needs: macChange.map(change => change.key),
    },
    {
      ...journalEntry(setKey(device, bmc), device, 'success', setText(entry, bmc.name, manifest)),
      needs: [interfaceKey],
    },
  ];
}

function conflict(
  entry: Entry,
  device: DeviceRecord,
  bmc: InterfaceRecord,
  other: MacRecord,
  facts: Facts,
  manifest: string,
): RowPlan {
  const text = conflictText(entry, bmc.name, other.address, manifest);
  const stands = facts.journal.get(device.id)?.some(comments => comments.startsWith(text.fact)) ?? false;
  const reason = `NetBox has ${other.address} on ${bmc.name}${stands ? '; the warning stands in the journal' : ''}`;
  return {
    row: {
      line: entry.line,
      serial: entry.serial,
      mac: entry.mac,
      device: device.name,
      interface: bmc.name,
      verdict: 'conflict',
      reason,
    },
    changes: stands
      ? []
      : [journalEntry(`conflict:${device.name}/${bmc.name}#${bmc.id}`, device, 'warning', text.whole)],
  };
}

function journalEntry(key: string, device: DeviceRecord, kind: 'success' | 'warning', comments: string): Create {
  return {
    op: 'create',
    kind: 'extras.journalentry',
    key,
    label: `journal entry for ${device.name}`,
    subject: `device:${device.id}`,
    after: { assigned_object_type: 'dcim.device', assigned_object_id: device.id, kind, comments },
  };
}

/** The entry that a killed run had still to write for a MAC that it set, unless it stands in the journal after all. */
function owedEntry(bmc: InterfaceRecord, device: DeviceRecord, facts: Facts): Create | undefined {
  const owed = facts.owed.get(setKey(device, bmc));
  if (owed === undefined || facts.journal.get(device.id)?.includes(String(owed.after.comments))) return undefined;
  const { needs: _, ...entry } = owed;
  return entry;
}

function setKey(device: DeviceRecord, bmc: InterfaceRecord): string {
  return `set-entry:${device.name}/${bmc.name}#${bmc.id}`;
}

function noBmcText(device: DeviceRecord, candidates: readonly InterfaceRecord[], facts: Facts): string {
  const names = facts.interfaceNames.get(device.id) ?? [];
  if (candidates.length > 1)
    return `${device.name} has several interfaces that may be the BMC's: ${candidates.map(({ name }) => name).join(', ')}`;
  if (names.length === 0) return `${device.name} has no interfaces`;
  const shown = names.slice(0, 8).join(', ');
  return `${device.name} has no BMC interface, only ${shown}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`;
}

function only(row: RowVerdict): RowPlan {
  return { row, changes: [] };
}
