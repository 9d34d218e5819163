import { resolve } from 'node:path';
import { file, flag, integer, text } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import type { Create } from '../../core/change.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { planText, tally } from '../../core/plan.ts';
import { type ColumnNames, chooseNames, usualNames } from './columns.ts';
import { readFacts } from './facts.ts';
import { readManifest } from './manifest.ts';
import { countRows, type MacsJson, type MacsOutcome, openRows, reportRows } from './outcome.ts';
import { planMacs } from './plan.ts';
import { macsText } from './text.ts';
import { verdictExit, verdicts } from './verdict.ts';

export const loadMacs = defineCommand({
  path: 'load-macs',
  summary: 'Write the BMC MAC addresses of a supplier manifest into NetBox',
  details: `The manifest's first line names the columns server_serial and server_bmc_mac (any order and
case, further columns are kept; on a terminal you are asked for those of other names). Commas, semicolons or tabs; MACs in any common notation.
Each row gets a verdict:

${Object.entries(verdicts)
  .map(([name, { says }]) => `  ${name.padEnd(18)}${says}`)
  .join('\n')}`,
  examples: [
    { line: 'bmtool load-macs servers.csv --dry-run', says: 'show what would be written; with --verbose every change' },
    {
      line: 'bmtool load-macs servers.csv --report out.csv',
      says: 'write, and save the manifest with a verdict and a reason for every row',
    },
    {
      line: 'bmtool load-macs new.csv --serial-column "Serial No" --mac-column "iLO MAC"',
      says: 'a sheet as this supplier sends it',
    },
    { line: 'cat servers.csv | bmtool load-macs - --json', says: 'for scripts' },
  ],
  exits: {
    1: 'a row failed (with --strict also: a row is in conflict)',
    2: 'wrong usage, or the file is no manifest: nothing was asked or written',
  },
  args: {
    manifest: file('CSV with the columns server_serial, server_bmc_mac; - for standard input'),
    dryRun: flag('show the plan and stop'),
    limit: integer('only the first N rows', 'N'),
    report: text('write the manifest with verdict and reason columns to this file', 'file'),
    serialColumn: text("the column of the servers' serials, if not server_serial", 'name'),
    macColumn: text("the column of the BMCs' MAC addresses, if not server_bmc_mac", 'name'),
    strict: flag('conflicts count as failures'),
  },
  needs: ['sheets', 'netbox', 'oui', 'carryOut', 'runs', 'awaitLanding', 'settings', 'progress', 'clock'],
  async prepare({ manifest: path, limit, report, serialColumn, macColumn }, { sheets, progress, clock, ask }) {
    const startedMs = clock();
    if (report !== undefined && resolve(report) === resolve(path)) {
      throw new Failure('options-clash', '--report would overwrite the manifest', {
        next: 'Name another file.',
      });
    }
    if (report !== undefined) await sheets.checkWritable(report);
    const sheet = await sheets.open(path);
    const names = await chooseNames(sheet, { serial: serialColumn, mac: macColumn }, ask);
    const chosen = [
      ...(serialColumn === undefined && names.serial !== usualNames.serial
        ? ['--serial-column', quoted(names.serial)]
        : []),
      ...(macColumn === undefined && names.mac !== usualNames.mac ? ['--mac-column', quoted(names.mac)] : []),
    ];
    if (chosen.length > 0) progress.note(`Without being asked: ${chosen.join(' ')}`);
    const manifest = await readManifest(sheet, { limit, progress, names });
    if (manifest.looksSwapped) progress.note(swappedText(names));
    return { startedMs, names, manifest };
  },
  async run(
    values,
    { sheets, netbox, oui, carryOut, runs, awaitLanding, settings, progress, clock },
    { manifest, names, startedMs },
  ) {
    const { entries } = manifest;
    await awaitLanding();
    const owed = runs.owed(netbox.url);
    const planWith = async (owing: readonly Create[]) =>
      planMacs(
        entries,
        await readFacts(netbox, oui, { entries, bmcInterfaces: settings.bmcInterfaces, owed: owing }),
        manifest.name,
      );
    const reading = progress.step(`asking NetBox about ${counted(entries.length, 'server')}`);
    const plans = await planWith(owed.creates);
    reading.done();
    const changes = plans.flatMap(plan => plan.changes);
    const carried = values.dryRun
      ? undefined
      : await carryOut({ command: commandText(values, names), changes, resumes: owed.runIds });
    const checked = carried?.runId !== undefined && !carried.interrupted;
    const left = checked ? (await planWith([])).reduce((sum, plan) => sum + plan.changes.length, 0) : undefined;
    const rows = openRows(manifest, plans, carried?.results);
    if (values.report !== undefined) await sheets.save(values.report, reportRows(manifest, rows()), manifest.form);
    const outcome: MacsOutcome = {
      manifest: manifest.name,
      dryRun: values.dryRun,
      strict: values.strict,
      interrupted: carried?.interrupted ?? false,
      rowCount: manifest.rowCount,
      ...(await countRows(rows())),
      planned: planText(changes),
      changes: changes.length,
      done: tally(carried?.results.values() ?? []).done,
      ...(values.dryRun ? { plan: changes } : {}),
      runId: carried?.runId,
      left,
      report: values.report,
      seconds: (clock() - startedMs) / 1000,
      rows,
    };
    return outcome;
  },
  text: macsText,
  /** What became of a manifest. */
  json: ({ rows, listed: _, unlisted: __, ...summary }): MacsJson => ({ ...summary, rows: rows() }),
  exit: outcome => (outcome.interrupted ? 130 : verdictExit(outcome.counts, outcome)),
});

/** As it would be typed again to go on. */
function commandText(
  { manifest, limit, strict }: { manifest: string; limit: number | undefined; strict: boolean },
  { serial, mac }: ColumnNames,
): string {
  return [
    'load-macs',
    quoted(manifest),
    ...(limit ? ['--limit', String(limit)] : []),
    ...(serial === usualNames.serial ? [] : ['--serial-column', quoted(serial)]),
    ...(mac === usualNames.mac ? [] : ['--mac-column', quoted(mac)]),
    ...(strict ? ['--strict'] : []),
  ].join(' ');
}

/** Only a hint: a serial of twelve digits could be taken for a MAC address. */
function swappedText({ serial, mac }: ColumnNames): string {
  return `The columns look swapped: ${serial} has MAC addresses, ${mac} has none. The other way round: --serial-column ${quoted(mac)} --mac-column ${quoted(serial)}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
