import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { allRights } from '../../core/rights.ts';
import type { Settings } from '../../settings.ts';
import type { Check } from './check.ts';
import { failedChecks } from './failed.ts';
import { checkDisk, checkLab, checkSpool } from './machine.ts';
import { checkNetBox } from './netbox.ts';
import { checkDatabase, checkRedis } from './services.ts';

type SettingLine = {
  /** As in the environment. */
  readonly name: string;
  /** Of a secret only that there is one: `(set)`. */
  readonly value: string;
  /** Where it comes from. */
  readonly origin: string;
  /** What it means. */
  readonly says: string;
};

/** What bmtool needs, and how it is. */
type Diagnosis = {
  /** One for each thing that was looked at. */
  readonly checks: readonly Check[];
  /** All settings that are in force. */
  readonly settings: readonly SettingLine[];
};

const marks = { ok: '✓', warn: '!', fail: '✗' } as const;

export const doctor = defineCommand({
  path: 'doctor',
  summary: 'Check everything that bmtool needs, and say how to mend what is missing',
  examples: [
    { line: 'bmtool doctor', says: 'before anything else, and when something is odd' },
    { line: 'bmtool doctor --json', says: 'for monitoring' },
  ],
  exits: { 1: 'something is to be mended' },
  args: {},
  needs: ['settings', 'netboxProbe', 'redisProbe', 'postgresProbe', 'labProbe', 'diskProbe', 'spoolProbe', 'progress'],
  async run(_, { settings, netboxProbe, redisProbe, postgresProbe, labProbe, diskProbe, spoolProbe, progress }) {
    const step = progress.step('looking');
    const [stateDir, spoolDir, queue] = [
      settings.stateDir,
      settings.get('BMTOOL_SPOOL_DIR'),
      settings.get('REDIS_QUEUE'),
    ];
    const wish = {
      role: settings.get('BMTOOL_SERVER_ROLE'),
      prefix: settings.get('BMTOOL_BMC_PREFIX'),
      rights: allRights(),
    };
    const attempt = async (name: string, look: () => Promise<Check[]>): Promise<Check[]> => {
      try {
        return await look();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return failedChecks(name, error, settings);
      }
    };
    const checks = await Promise.all([
      // First: it takes longest, and works while the others are looked at.
      attempt('netbox', async () => checkNetBox(await netboxProbe(wish), settings)),
      attempt('redis', async () => [checkRedis(await redisProbe(queue), settings)]),
      attempt('postgresql', async () => [checkDatabase(await postgresProbe(), settings)]),
      attempt('lab', async () => [checkLab(await labProbe(), settings)]),
      attempt('disk', async () => [checkDisk(stateDir, diskProbe(stateDir))]),
      attempt('spool', async () => {
        const folder = diskProbe(spoolDir);
        return [checkSpool(spoolDir, folder, folder.unwritable === undefined ? spoolProbe() : undefined)];
      }),
    ]);
    step.done('looked');
    const diagnosis: Diagnosis = { checks: checks.flat(), settings: settings.all.map(settingLine) };
    return diagnosis;
  },
  text: diagnosisText,
  exit: ({ checks }) => (checks.some(check => check.state === 'fail') ? 1 : 0),
});

function settingLine({ name, value, origin, secret, says }: Settings['all'][number]): SettingLine {
  return { name, value: secret ? (value === '' ? '' : '(set)') : value, origin, says };
}

function diagnosisText({ checks, settings }: Diagnosis, { paint, terminal, verbose }: View): Block[] {
  const colour = { ok: paint.good, warn: paint.warn, fail: paint.bad };
  const rows = checks.map(({ name, state, message, fix }) => [
    colour[state](marks[state]),
    name,
    fix ? `${message.replace(/\.$/, '')}. ${fix}` : message,
  ]);
  // A person is shown what is peculiar to this machine; the checks must not be out of sight.
  const shown = terminal && !verbose ? settings.filter(({ origin }) => origin !== 'default') : settings;
  const settingRows = shown.map(({ name, value, origin, says }) => [
    '',
    name,
    `${value || '(none)'} [${origin}]${terminal ? paint.dim(` ${says}`) : ''}`,
  ]);
  const bad = checks.filter(check => check.state === 'fail').length;
  const doubtful = checks.filter(check => check.state === 'warn').length;
  const verdict =
    bad > 0
      ? paint.bad(`${bad} to mend`)
      : doubtful > 0
        ? paint.warn(`works; ${doubtful} to look at`)
        : paint.good('all is well');
  return [
    ...(shown.length > 0 ? [table(['', 'setting', 'value [where it comes from]'], settingRows)] : []),
    ...(shown.length < settings.length
      ? [
          say(
            paint.dim(
              counted(
                settings.length - shown.length,
                'setting has its default; --verbose shows it',
                'settings have their defaults; --verbose shows them',
              ),
            ),
          ),
        ]
      : []),
    table(['', 'checked', 'found'], rows),
    say(paint.bold(verdict)),
  ];
}
