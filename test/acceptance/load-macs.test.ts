import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { bmtool, bmtoolJson } from '../support/bmtool.ts';
import { macOf, manifestOf, type Target, targets, writeFile } from '../support/manifest.ts';
import { api, changeCount, resetLab, sql } from '../support/netbox.ts';

type Row = { line: number; serial: string; verdict: string; reason?: string; warning?: string };
type Outcome = { counts: Record<string, number>; rows: Row[]; plan?: unknown[]; left?: number; runId?: string };

const load = (path: string, ...args: string[]) => bmtoolJson<Outcome>(['load-macs', path, ...args]);

/** What NetBox has on a BMC interface: its primary MAC, and the journal of the device. */
async function standing({ deviceId, interfaceId }: Target) {
  const [row] = await sql<{ mac: string | null }>(
    'SELECT m.mac_address::text AS mac FROM dcim_interface i LEFT JOIN dcim_macaddress m ON m.id = i.primary_mac_address_id WHERE i.id = $1',
    [interfaceId],
  );
  const journal = await sql<{ kind: string; comments: string }>(
    `SELECT kind, comments FROM extras_journalentry e JOIN django_content_type t ON t.id = e.assigned_object_type_id
     WHERE t.model = 'device' AND e.assigned_object_id = $1 ORDER BY e.id`,
    [deviceId],
  );
  return { mac: row?.mac?.toUpperCase() ?? null, journal };
}

/** Puts a MAC on an interface past bmtool. */
async function giveMac(interfaceId: number, mac: string): Promise<void> {
  const made = await api<{ id: number }>('dcim/mac-addresses/', {
    method: 'POST',
    body: { mac_address: mac, assigned_object_type: 'dcim.interface', assigned_object_id: interfaceId },
  });
  const set = await api(`dcim/interfaces/${interfaceId}/`, {
    method: 'PATCH',
    body: { primary_mac_address: made.body.id },
  });
  expect(set.status).toBe(200);
}

beforeAll(() => resetLab());

describe('every verdict, seen in NetBox itself', () => {
  test('set: the MAC is primary on the BMC interface, and the journal names manifest and line', async () => {
    const rows = await targets(3);
    const path = manifestOf(rows);
    const { exitCode, result } = await load(path);
    expect(exitCode).toBe(0);
    expect(result.counts).toMatchObject({ set: 3 });
    expect(result.left).toBe(0);
    for (const [i, target] of rows.entries()) {
      const now = await standing(target);
      expect(now.mac).toBe(target.mac);
      expect(now.journal).toHaveLength(1);
      expect(now.journal[0]?.kind).toBe('success');
      expect(now.journal[0]?.comments).toContain(`line ${i + 2}`);
      expect(now.journal[0]?.comments).toContain(path.split('/').at(-1));
    }
  });

  test("unchanged: the second run writes nothing, by NetBox's own change log", async () => {
    const path = manifestOf(await targets(3));
    const before = await changeCount();
    const { exitCode, result } = await load(path);
    expect(exitCode).toBe(0);
    expect(result.counts).toMatchObject({ set: 0, unchanged: 3 });
    expect(await changeCount()).toBe(before);
  });

  test('conflict: NetBox keeps its MAC, one warning names both, and it is not repeated', async () => {
    const [target] = (await targets(1)) as [Target];
    const other = macOf(900);
    const path = manifestOf([{ serial: target.serial, mac: other }]);
    for (const expected of [1, 1]) {
      const { exitCode, result } = await load(path);
      expect(exitCode).toBe(0);
      expect(result.counts).toMatchObject({ conflict: 1 });
      const now = await standing(target);
      expect(now.mac).toBe(target.mac);
      const warnings = now.journal.filter(({ kind }) => kind === 'warning');
      expect(warnings).toHaveLength(expected);
      expect(warnings[0]?.comments).toContain(target.mac);
      expect(warnings[0]?.comments).toContain(other);
    }
    expect((await load(path, '--strict')).exitCode).toBe(1);
  });

  test('taken: the MAC is on another device, which is named; nothing is written', async () => {
    const [owner, target] = (await targets(2, 10)) as [Target, Target];
    await giveMac(owner.interfaceId, owner.mac);
    const { exitCode, result } = await load(manifestOf([{ serial: target.serial, mac: owner.mac }]));
    expect(exitCode).toBe(1);
    expect(result.rows[0]).toMatchObject({ verdict: 'taken', reason: expect.stringContaining(owner.name) });
    expect(await standing(target)).toEqual({ mac: null, journal: [] });
  });

  test('not-found: no device has the serial', async () => {
    const { exitCode, result } = await load(manifestOf([{ serial: 'NOSUCH1', mac: macOf(901) }]));
    expect(exitCode).toBe(1);
    expect(result.rows[0]).toMatchObject({ verdict: 'not-found' });
  });

  test('ambiguous: several devices have it, and are named', async () => {
    const [one, two] = (await targets(2, 12)) as [Target, Target];
    await sql('UPDATE dcim_device SET serial = $1 WHERE id = $2', [one.serial, two.deviceId]);
    const { exitCode, result } = await load(manifestOf([{ serial: one.serial, mac: macOf(902) }]));
    expect(exitCode).toBe(1);
    expect(result.rows[0]?.verdict).toBe('ambiguous');
    expect(result.rows[0]?.reason).toContain(one.name);
    expect(result.rows[0]?.reason).toContain(two.name);
    expect((await standing(one)).mac).toBeNull();
  });

  test('no-bmc-interface: none, or several; the interfaces are listed', async () => {
    const [none, several] = (await targets(2, 14)) as [Target, Target];
    await sql("UPDATE dcim_interface SET name = 'mgmt' WHERE id = $1", [none.interfaceId]);
    const added = await api('dcim/interfaces/', {
      method: 'POST',
      body: { device: several.deviceId, name: 'bmc-shared', type: '1000base-t' },
    });
    expect(added.status).toBe(201);
    const { exitCode, result } = await load(manifestOf([none, several]));
    expect(exitCode).toBe(1);
    expect(result.rows.map(row => row.verdict)).toEqual(['no-bmc-interface', 'no-bmc-interface']);
    expect(result.rows[0]?.reason).toContain('mgmt');
    expect(result.rows[1]?.reason).toContain('bmc-shared');
  });

  test('invalid: each defect with its line and column, and duplicates name each other', async () => {
    const good = (await targets(8, 20)) as Target[];
    const [a, b, c, d, e, f, g, h] = good as [Target, Target, Target, Target, Target, Target, Target, Target];
    const rows = [
      { serial: a.serial, mac: 'nonsense' },
      { serial: b.serial, mac: '01:00:5e:00:00:01' },
      { serial: c.serial, mac: '00:00:00:00:00:00' },
      { serial: '', mac: d.mac },
      { serial: e.serial, mac: e.mac },
      { serial: e.serial.toLowerCase(), mac: f.mac },
      { serial: g.serial, mac: g.mac },
      { serial: h.serial, mac: g.mac },
    ];
    const before = await changeCount();
    const { exitCode, result } = await load(manifestOf(rows));
    expect(exitCode).toBe(1);
    expect(result.counts).toMatchObject({ invalid: 8, set: 0 });
    expect(result.rows.map(row => row.line)).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const reasons = result.rows.map(row => row.reason ?? '');
    for (const reason of reasons.slice(0, 3)) expect(reason).toMatch(/^server_bmc_mac: /);
    expect(reasons[3]).toMatch(/^server_serial: /);
    expect(reasons[4]).toContain('line 7');
    expect(reasons[5]).toContain('line 6');
    expect(reasons[6]).toContain('line 9');
    expect(reasons[7]).toContain('line 8');
    expect(await changeCount()).toBe(before);
  });

  test('refused: a row that NetBox does not take is named with its words, and the others land', async () => {
    const rows = (await targets(6, 30)) as Target[];
    const bad = rows[2] as Target;
    // A value that NetBox's own validation refuses on any write to this interface.
    await sql('UPDATE dcim_interface SET mtu = 999999 WHERE id = $1', [bad.interfaceId]);
    const { exitCode, result } = await load(manifestOf(rows));
    expect(exitCode).toBe(1);
    expect(result.counts).toMatchObject({ set: 5, refused: 1 });
    expect(result.rows[2]).toMatchObject({ verdict: 'refused', reason: expect.stringMatching(/mtu/i) });
    expect((await standing(bad)).mac).toBeNull();
    for (const target of rows.filter(row => row !== bad)) expect((await standing(target)).mac).toBe(target.mac);
  });
});

describe('the file', () => {
  test('a report can be corrected and fed back in', async () => {
    const [one, two] = (await targets(2, 40)) as [Target, Target];
    const path = writeFile(
      `\ufeffrack;Server_Serial;SERVER_BMC_MAC\nR1;${one.serial};oops\nR2;${two.serial};${two.mac}\n`,
    );
    const out = writeFile('', 'report.csv');
    expect((await load(path, '--report', out)).exitCode).toBe(1);
    const report = readFileSync(out, 'utf8');
    expect(report.split('\n')[0]).toBe('\ufeffrack;Server_Serial;SERVER_BMC_MAC;verdict;reason');
    expect(report).toContain('invalid');
    const corrected = writeFile(report.replace('oops', one.mac));
    const { exitCode, result } = await load(corrected);
    expect(exitCode).toBe(0);
    expect(result.counts).toMatchObject({ set: 1, unchanged: 1 });
  });

  test('standard input, and every notation of a MAC', async () => {
    const rows = (await targets(5, 50)) as Target[];
    const hex = (mac: string) => mac.replaceAll(':', '').toLowerCase();
    const notations = [
      (mac: string) => mac.replaceAll(':', '-'),
      (mac: string) => hex(mac).replace(/(....)(....)(....)/, '$1.$2.$3'),
      hex,
      (mac: string) =>
        mac
          .split(':')
          .map(byte => Number.parseInt(byte, 16).toString(16))
          .join(':'),
      (mac: string) => ` ${mac.toLowerCase()} `,
    ];
    const input = `\ufeffserver_bmc_mac\tserver_serial\r\n${rows.map((row, i) => `${notations[i]?.(row.mac)}\t${row.serial}\r\n`).join('')}`;
    const { exitCode, stdout } = await bmtool(['load-macs', '-', '--json'], { input });
    expect(exitCode).toBe(0);
    expect((JSON.parse(stdout) as { result: Outcome }).result.counts).toMatchObject({ set: 5 });
    for (const target of rows) expect((await standing(target)).mac).toBe(target.mac);
  });

  test('--dry-run and --limit', async () => {
    const path = manifestOf(await targets(4, 60));
    const before = await changeCount();
    const { result } = await load(path, '--dry-run', '--limit', '2');
    expect(result.counts).toMatchObject({ set: 2 });
    expect(result.plan).toHaveLength(6);
    const args = ['load-macs', path, '--dry-run', '--limit', '2'];
    const [short, long] = [await bmtool(args), await bmtool([...args, '--verbose'])];
    expect(short.stdout).not.toContain('primary MAC');
    expect(long.stdout.match(/^(create|update)\t/gm)).toHaveLength(6);
    expect(long.stdout).toContain('\tprimary MAC address none → the new one');
    expect(await changeCount()).toBe(before);
  });

  test('columns that look swapped are told of, with what to type', async () => {
    const path = writeFile('server_serial,server_bmc_mac\n94:40:C9:00:00:01,A\n94:40:C9:00:00:02,B\n');
    const { exitCode, stderr } = await bmtool(['load-macs', path]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The columns look swapped: server_serial has MAC addresses');
    expect(stderr).toContain('--serial-column server_bmc_mac --mac-column server_serial');
  });
});

describe('what is no manifest is refused before NetBox is asked (exit 2)', () => {
  const nowhere = { env: { NETBOX_URL: 'http://127.0.0.1:9' } };
  test.for([
    ['wrong header', 'serial,mac\nA,B\n', /no column server_serial and no column server_bmc_mac/],
    ['no header', 'YKDC033,B0:7B:25:F3:2E:F6\n', /no column/],
    ['empty file', '', /is empty/],
    ['only blank lines', '\n\n', /is empty/],
    ['only a header', 'server_serial,server_bmc_mac\n', /BM-507.*has no rows/],
    ['Windows-1252', Buffer.from('server_serial,server_bmc_mac,site\nA,B,München\n', 'latin1'), /BM-503.*line 2/],
    ['binary file', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]), /binary/],
    ['workbook', new Uint8Array([0x50, 0x4b, 0x03, 0x04, 1, 2]), /workbook/],
  ] as const)('%s', async ([, content, message]) => {
    const ran = await bmtool(['load-macs', writeFile(content)], nowhere);
    expect(ran.exitCode).toBe(2);
    expect(ran.stderr).toMatch(message);
  });

  test('a report that cannot be written', async () => {
    const manifest = writeFile('server_serial,server_bmc_mac\nA,94:40:C9:00:00:01\n');
    for (const report of ['/tmp', `${manifest}-no-folder/out.csv`]) {
      const ran = await bmtool(['load-macs', manifest, '--report', report], nowhere);
      expect(ran.exitCode).toBe(2);
      expect(ran.stderr).toContain(`Cannot write ${report}: `);
      expect(ran.stderr).not.toContain('.tmp');
    }
  });

  test('a directory, a file that is not there', async () => {
    for (const [path, message] of [
      ['/tmp', /is a directory/],
      ['/nonexistent.csv', /does not exist/],
    ] as const) {
      const ran = await bmtool(['load-macs', path], nowhere);
      expect(ran.exitCode).toBe(2);
      expect(ran.stderr).toMatch(message);
    }
  });
});

test('an OUI that contradicts the manufacturer is a warning, never a refusal', async () => {
  const [dell] = await sql<{ serial: string }>(
    `SELECT d.serial FROM dcim_device d JOIN dcim_devicetype t ON t.id = d.device_type_id JOIN dcim_manufacturer m ON m.id = t.manufacturer_id
     JOIN dcim_devicerole r ON r.id = d.role_id WHERE m.name LIKE 'Dell%' AND r.name LIKE '%Server%' ORDER BY d.id DESC LIMIT 1`,
  );
  const { exitCode, result } = await load(manifestOf([{ serial: dell?.serial ?? '', mac: '3C:EC:EF:00:00:77' }]));
  expect(exitCode).toBe(0);
  expect(result.rows[0]).toMatchObject({ verdict: 'set', warning: expect.stringMatching(/Super Micro.*Dell/) });
});
