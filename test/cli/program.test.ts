import { describe, expect, it } from 'vitest';
import { file, flag, integer, optionalWord, rest, text, word } from '../../src/cli/arguments.ts';
import { type AnyCommand, defineCommand } from '../../src/cli/command.ts';
import { type ParseOutcome, parseArguments, type SettingFlag } from '../../src/cli/program.ts';

const nothing = { needs: [], run: async () => undefined, text: () => [] };
const load = defineCommand({
  ...nothing,
  path: 'load-macs',
  summary: 'Load a manifest',
  details: 'What it does at length.',
  examples: [{ line: 'bmtool load-macs a.csv', says: 'for example' }],
  args: {
    manifest: file('the CSV'),
    dryRun: flag('show the plan'),
    limit: integer('rows', 'N'),
    report: text('a file, as it is with bmtool load-macs x.csv --limit 3 > out.csv', 'file'),
  },
});
const list = defineCommand({
  ...nothing,
  path: 'runs list',
  summary: 'List runs',
  examples: [{ line: 'bmtool', says: 'so' }],
  args: { limit: integer('newest', 'N') },
});
const show = defineCommand({
  ...nothing,
  path: 'runs show',
  summary: 'Show a run',
  examples: [{ line: 'bmtool', says: 'so' }],
  args: { id: word('the run', 'id') },
});
const undo = defineCommand({
  ...nothing,
  path: 'undo',
  summary: 'Undo a run',
  examples: [{ line: 'bmtool', says: 'so' }],
  args: { id: optionalWord('the run', 'id'), yes: flag('do not ask') },
});
const hook = defineCommand({
  ...nothing,
  path: 'hook',
  summary: 'Take a call',
  examples: [{ line: 'bmtool', says: 'so' }],
  args: { from: text('who', 'who'), call: rest('what is said') },
});
const commands: readonly AnyCommand[] = [load, undo, list, show, hook];
const settingFlags: readonly SettingFlag[] = [
  { name: 'NETBOX_URL', flag: '--netbox-url', says: 'where NetBox is' },
  { name: 'PGHOST', flag: '--pghost', says: 'the database' },
];

function parse(line: string): ParseOutcome {
  return parseArguments(line.split(' ').filter(Boolean), commands, settingFlags, '1.2.3');
}

function requestOf(line: string) {
  const outcome = parse(line);
  if (outcome.kind !== 'run') throw new Error(`not a request: ${outcome.text}`);
  return outcome.request;
}

const defaults = {
  json: false,
  quiet: false,
  verbose: false,
  color: true,
  plain: false,
  debug: false,
  timeout: undefined,
};

describe('what is typed', () => {
  it.each<[string, AnyCommand, object]>([
    ['load-macs a.csv', load, { manifest: 'a.csv', dryRun: false, limit: undefined, report: undefined }],
    [
      'load-macs a.csv --dry-run --limit 5 --report out.csv',
      load,
      { manifest: 'a.csv', dryRun: true, limit: 5, report: 'out.csv' },
    ],
    ['load-macs --limit=5 -', load, { manifest: '-', limit: 5 }],
    ['load-macs -- -odd.csv', load, { manifest: '-odd.csv' }],
    ['runs', list, { limit: undefined }],
    ['runs --limit 3', list, { limit: 3 }],
    ['runs list', list, {}],
    ['runs show k3f', show, { id: 'k3f' }],
    ['hook', hook, { from: undefined, call: [] }],
    ['hook --from kea add b', hook, { from: 'kea', call: ['add', 'b'] }],
    ['hook add -- --from -x', hook, { from: undefined, call: ['add', '--from', '-x'] }],
    ['undo', undo, { id: undefined, yes: false }],
    ['undo k3f --yes', undo, { id: 'k3f', yes: true }],
  ])('%s', (line, command, values) => {
    const request = requestOf(line);
    expect(request.command.path).toBe(command.path);
    expect(request.values).toMatchObject(values);
    expect(request.common).toEqual(defaults);
    expect(request.settings).toEqual({});
  });

  it.each<[string, object]>([
    ['undo --json', { json: true }],
    ['undo --quiet --verbose', { quiet: true, verbose: true }],
    ['undo --no-color', { color: false }],
    ['undo --plain', { plain: true }],
    ['undo --debug', { debug: true }],
    ['undo --timeout 2.5', { timeout: 2.5 }],
    ['--plain undo', { plain: true }],
    ['--quiet --timeout 2.5 undo --debug', { quiet: true, timeout: 2.5, debug: true }],
    ['--timeout=2 runs list', { timeout: 2 }],
    ['--json runs', { json: true }],
    ['--json hook -- --plain', { json: true }],
  ])('%s', (line, common) => {
    expect(requestOf(line).common).toEqual({ ...defaults, ...common });
  });

  it('overrides settings by flag, also before the command', () => {
    expect(requestOf('--netbox-url http://nb undo').settings).toEqual({ NETBOX_URL: 'http://nb' });
    expect(requestOf('undo --netbox-url http://nb --pghost=db').settings).toEqual({
      NETBOX_URL: 'http://nb',
      PGHOST: 'db',
    });
  });
});

describe('what is typed wrong', () => {
  it.each([
    ['load-macs', 'argument-missing', "missing required argument 'manifest'", 'bmtool load-macs --help'],
    ['load-macs a.csv b.csv', 'too-many-arguments', 'too many arguments', 'bmtool load-macs --help'],
    ['load-macs a.csv --dryrun', 'unknown-option', "unknown option '--dryrun'", 'bmtool load-macs --help'],
    ['load-macs a.csv --dryrun', 'unknown-option', 'Did you mean --dry-run?', 'bmtool load-macs --help'],
    ['load-macs a.csv --limit', 'argument-missing', "option '--limit <N>' argument missing", 'bmtool load-macs --help'],
    [
      'load-macs a.csv --limit 0',
      'bad-value',
      '--limit must be a whole number of at least 1, not "0"',
      'bmtool load-macs --help',
    ],
    ['load-macs a.csv --limit -1', 'bad-value', '--limit', 'bmtool load-macs --help'],
    ['undo --timeout soon', 'bad-value', '--timeout must be a number of seconds, not "soon"', 'bmtool undo --help'],
    ['undo --netbox-token x', 'unknown-option', "unknown option '--netbox-token'", 'bmtool undo --help'],
    ['--plain load-mac a.csv', 'unknown-command', "unknown command 'load-mac'", 'bmtool --help'],
    ['--plain --json', 'command-missing', 'no command given', 'bmtool --help'],
    ['load-mac a.csv', 'unknown-command', "unknown command 'load-mac'", 'bmtool --help'],
    ['load-mac a.csv', 'unknown-command', 'Did you mean bmtool load-macs?', 'bmtool --help'],
    ['runs show', 'argument-missing', "missing required argument 'id'", 'bmtool runs show --help'],
    ['runs lst', 'unknown-command', 'Did you mean bmtool runs list or bmtool runs show?', 'bmtool runs --help'],
    ['lst', 'unknown-command', "unknown command 'lst'", 'bmtool --help'],
    ['runs list extra', 'too-many-arguments', 'too many arguments', 'bmtool runs list --help'],
  ])('%s', (line, error, says, next) => {
    const outcome = parse(line);
    expect(outcome).toMatchObject({ kind: 'usage', error });
    expect(outcome.kind === 'usage' && outcome.text).toContain(says);
    expect(outcome.kind === 'usage' && outcome.text).not.toMatch(/^error:/);
    expect(outcome.kind === 'usage' && outcome.next).toBe(`See ${next}`);
  });

  it('an option before the command is told where it belongs', () => {
    const outcome = parse('--quiet --dry-run load-macs a.csv');
    expect(outcome).toMatchObject({ kind: 'usage', error: 'unknown-option' });
    expect(outcome.kind === 'usage' && outcome.next).toContain('bmtool load-macs --dry-run');
  });
});

describe('help', () => {
  const helpOf = (line: string) => {
    const outcome = parse(line);
    expect(outcome).toMatchObject({ kind: 'talk', exit: 0 });
    return outcome.kind === 'talk' ? outcome.text : '';
  };

  it.each(['', '--help', '-h', '--plain --help'])('of all, asked by %j, has every command', line => {
    for (const word of ['load-macs', 'runs', 'undo', 'Undo a run']) expect(helpOf(line)).toContain(word);
  });

  it('of a group has its commands', () => {
    for (const word of ['list', 'show', 'Show a run']) expect(helpOf('runs --help')).toContain(word);
  });

  it('of a command has all that it takes, at length, with examples', () => {
    const help = helpOf('load-macs --help');
    for (const part of [
      '<manifest>',
      'the CSV',
      '--dry-run',
      '--limit <N>',
      '--json',
      '--timeout <seconds>',
      'What it does at length.',
      'bmtool load-macs a.csv',
      'bmtool load-macs x.csv --limit 3 > out.csv',
      'for example',
    ]) {
      expect(help).toContain(part);
    }
    expect(help).not.toContain('--pghost');
  });

  it('tells the version', () => {
    expect(helpOf('--version').trim()).toBe('1.2.3');
    expect(helpOf('-V').trim()).toBe('1.2.3');
  });
});
