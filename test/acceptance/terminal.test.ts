import stringWidth from 'string-width';
import { beforeAll, describe, expect, test } from 'vitest';
import { bmtool, environment } from '../support/bmtool.ts';
import { macOf, manifestOf, targets } from '../support/manifest.ts';
import { resetLab, sql } from '../support/netbox.ts';
import { program } from '../support/program.ts';
import { framesOf, inTerminal } from '../support/terminal.ts';
import { isThorough } from '../support/tries.ts';

const turning = /^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] /;
const lane = /^ {4}(create|update) \d+ /;
const shown = '\u001b[?25h';
const hidden = '\u001b[?25l';

const terminal = (env: Record<string, string> = {}) => environment({ env: { TERM: 'xterm', NO_COLOR: '', ...env } });
const line = (...args: string[]) => [...program, ...args].join(' ');

describe.skipIf(process.platform !== 'linux')('on a terminal', () => {
  beforeAll(() => resetLab());

  test.runIf(isThorough)('lanes are drawn below their step while it lasts, and one line is left', async () => {
    const { text, code } = await inTerminal(line('load-macs', manifestOf(await targets(30))), terminal());
    expect(code, text).toBe(0);
    const looks = await framesOf(text);
    for (const row of looks.flat()) expect(stringWidth(row)).toBeLessThanOrEqual(80);
    const busiest = looks.findLast(rows => rows.filter(row => lane.test(row)).length >= 2) ?? [];
    const step = busiest.findIndex(row => turning.test(row) && row.includes('run '));
    expect(step).toBeGreaterThan(0);
    for (const row of busiest.slice(step + 1)) expect(row).toMatch(/^ {4}(create|update|idle)/);
    const last = looks.at(-1)?.join('\n') ?? '';
    expect(last).toMatch(
      /^✓ read .*\nNetBox .*\n✓ asking .*\n✓ run \S+: create 30 MAC addresses[^(]* \([\d.]+ s\)\n\D/,
    );
    expect(last).not.toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]| {4}create/);
    expect(text.lastIndexOf(shown)).toBeGreaterThan(text.lastIndexOf(hidden));
  });

  test('Ctrl-C twice: the cursor is back, and no lane is left', async () => {
    let typed = 0;
    const { text, code } = await inTerminal(
      line('load-macs', manifestOf(await targets(60, 30))),
      terminal(),
      (all, type) => {
        const isDue = typed === 0 ? / {4}create \d+/.test(all) : typed === 1 && all.includes('Once more');
        if (!isDue) return;
        typed += 1;
        type('\u0003');
      },
    );
    expect(code).toBe(130);
    expect(text.lastIndexOf(shown)).toBeGreaterThan(text.lastIndexOf(hidden));
    const last = (await framesOf(text)).at(-1)?.join('\n');
    expect(last).toContain('Interrupted: finishing what is in flight.');
    expect(last).not.toMatch(/ {4}create/);
  });

  test('--plain moves nothing and colours nothing', async () => {
    const manifest = manifestOf([{ serial: 'NO-SUCH', mac: macOf(500) }]);
    const { text, code } = await inTerminal(line('load-macs', manifest, '--plain'), terminal({ FORCE_COLOR: '1' }));
    expect(code).toBe(1);
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/asking NetBox about 1 server: done/);
    expect(text).toMatch(/^serial: NO-SUCH\r\nmac: \S+\r\nverdict: not-found\r\nabout: no device/m);
  });

  test.each([
    'verify',
    'verify cables',
    'state show',
    'doctor',
    'runs list',
    'snapshot list',
    'dhcp unknown',
    'dhcp decide --mac 94:40:c9:00:00:01 --ip 10.20.0.5',
  ])('bmtool %s --plain has no signs, piped as well', async line => {
    const { stdout, stderr } = await bmtool([...line.split(' '), '--plain']);
    expect(stdout + stderr).toMatch(/^[\t\n\x20-\x7e]+$/);
  });

  test('BMTOOL_PLAIN asks in a line, and a line answers', async () => {
    const count = async () => (await sql<{ count: string }>('SELECT count(*) FROM dcim_macaddress'))[0]?.count;
    const before = await count();
    let hasAnswered = false;
    const { text, code } = await inTerminal(line('undo'), terminal({ BMTOOL_PLAIN: 'on' }), (all, type) => {
      if (hasAnswered || !all.includes('yes or no: ')) return;
      hasAnswered = true;
      type('no\r');
    });
    expect(text).toMatch(/\? Type yes or no: no/);
    expect(text).not.toContain('\u001b');
    expect(code).toBe(1);
    expect(await count()).toBe(before);
  });
});
