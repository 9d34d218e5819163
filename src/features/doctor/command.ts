import { defineCommand } from '../../cli/command.ts';
import { type Block, say, table, type View } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Settings } from '../../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { checkNetBox } from './netbox.ts';

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
  needs: ['settings', 'tryNetbox', 'redisProbe', 'postgresProbe', 'lab', 'progress'],
  async run(_, { settings, tryNetbox, redisProbe, postgresProbe, lab, progress }) {
    const step = progress.step('looking');
    const checks = await Promise.all([
      attempt('netbox', async () => checkNetBox(await tryNetbox(), settings)),
      attempt('redis', async () => {
        const report = await redisProbe(settings.get('REDIS_QUEUE'));
        return [
          ok(
            'redis',
            `${report.version} at ${settings.get('REDIS_HOST')}:${settings.get('REDIS_PORT')}, ${report.queueLength} events in ${settings.get('REDIS_QUEUE')}`,
          ),
        ];
      }),
      attempt('postgresql', async () => checkDatabase(await postgresProbe(), settings)),
      attempt('lab', async () => {
        const status = await lab.status();
        const running = status.services.filter(service => service.state === 'running').length;
        return [
          running === 0
            ? ok('lab', 'none is running on this machine')
            : running === status.services.length
              ? ok('lab', `running at ${status.url}`)
              : warn(
                  'lab',
                  `only ${running} of ${status.services.length} services run`,
                  'bmtool lab status shows which; bmtool lab up starts them again.',
                ),
        ];
      }),
    ]);
    step.done('looked');
    const diagnosis: Diagnosis = { checks: checks.flat(), settings: settings.all.map(settingLine) };
    return diagnosis;
  },
  text: diagnosisText,
  exit: ({ checks }) => (checks.some(check => check.state === 'fail') ? 1 : 0),
});

async function attempt(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return [fail(name, error.message, error.next ?? '')];
  }
}

function checkDatabase(
  report: {
    version: string;
    user: string;
    isOwner: boolean;
    canCreateDatabases: boolean;
    isSuperuser: boolean;
    bytes: number;
  },
  settings: Settings,
): Check[] {
  const database = settings.get('PGDATABASE');
  const where = `PostgreSQL ${report.version} at ${settings.get('PGHOST')}:${settings.get('PGPORT')}, database ${database} (${Math.round(report.bytes / 1024 / 1024)} MB)`;
  const missing = [
    ...(report.isOwner || report.isSuperuser ? [] : [`ALTER DATABASE "${database}" OWNER TO "${report.user}";`]),
    ...(report.canCreateDatabases || report.isSuperuser ? [] : [`ALTER ROLE "${report.user}" CREATEDB;`]),
  ];
  if (missing.length === 0) return [ok('postgresql', `${where}; ${report.user} may make snapshots`)];
  return [
    warn('postgresql', `${where}; ${report.user} may not make snapshots`, `As a superuser: ${missing.join(' ')}`),
  ];
}

function settingLine({ name, value, origin, secret, says }: Settings['all'][number]): SettingLine {
  return { name, value: secret ? (value === '' ? '' : '(set)') : value, origin, says };
}

function diagnosisText({ checks, settings }: Diagnosis, { paint, terminal }: View): Block[] {
  const colour = { ok: paint.good, warn: paint.warn, fail: paint.bad };
  const rows = checks.map(({ name, state, message, fix }) => [
    colour[state](marks[state]),
    name,
    fix ? `${message.replace(/\.$/, '')}. ${fix}` : message,
  ]);
  const settingRows = settings.map(({ name, value, origin, says }) => [
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
    table(['', 'setting', 'value [where it comes from]'], settingRows),
    table(['', 'checked', 'found'], rows),
    say(paint.bold(verdict)),
  ];
}
