import { flag, integer, optionalWord } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, print, say, table, type View } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import type { DownReport } from '../../lab/down.ts';
import type { ResetReport } from '../../lab/reset.ts';
import type { LabStatus, ServiceStatus } from '../../lab/status.ts';

/** Somebody was asked, and said no. */
type Declined = {
  /** Nothing was changed. */
  readonly state: 'declined';
};

type Down = DownReport & {
  /** The lab is down. */
  readonly state: 'stopped';
};

type Reset = ResetReport & {
  /** The lab is as at first. */
  readonly state: 'reset';
};

const declined: Declined = { state: 'declined' };

const labUp = defineCommand({
  path: 'lab up',
  summary: 'Start a real NetBox with a fleet of servers on this machine',
  details: `PostgreSQL, Valkey and NetBox with its worker, from packages, listening on loopback only.
bmtool talks to a running lab without any configuration. Doing it twice is harmless; after
a crash or an interruption it goes on.`,
  examples: [
    { line: 'bmtool lab up', says: 'with 601 servers' },
    { line: 'bmtool lab up --servers 24', says: 'a small one; 10000 must work, too' },
  ],
  exits: { 1: 'a service did not start; its log is named', 5: 'NetBox could not be fetched from PyPI' },
  args: {
    servers: integer('how many servers the fleet has (601)', 'N'),
    seed: integer('another seed gives other serials and MACs', 'S', 0),
  },
  needs: ['lab'],
  run: ({ servers, seed }, { lab }) => lab.up({ servers, seed }),
  text: (status, view) => [...statusBlocks(status, view), ...welcome(status, view)],
});

const labDown = defineCommand({
  path: 'lab down',
  summary: "Stop the lab's services; its data stays for the next time",
  examples: [
    { line: 'bmtool lab down', says: 'until the next lab up' },
    { line: 'bmtool lab down --purge --yes', says: 'and forget it' },
  ],
  args: { purge: flag('delete its data too'), yes: flag('do not ask; without a terminal nobody is asked') },
  needs: ['lab', 'confirm'],
  async run({ purge, yes }, { lab, confirm }) {
    const question = `Delete the lab's data in ${lab.folders.join(' and ')}?`;
    const go = !purge || (await confirm({ question, yes }));
    return go ? await lab.down({ purge }) : undefined;
  },
  text: downText,
  /** What was stopped. */
  json: (report): Down | Declined => (report === undefined ? declined : { state: 'stopped', ...report }),
});

const labStatus = defineCommand({
  path: 'lab status',
  summary: "Show the lab's services: port, version, memory, uptime",
  examples: [{ line: 'bmtool lab status', says: 'also: bmtool lab' }],
  exits: { 1: 'a service has crashed' },
  args: {},
  needs: ['lab'],
  run: (_, { lab }) => lab.status(),
  text: statusBlocks,
  exit: status => (status.services.some(service => service.state === 'crashed') ? 1 : 0),
});

const labReset = defineCommand({
  path: 'lab reset',
  summary: 'Put the lab back to its first state (phase 0) while NetBox goes on serving',
  examples: [{ line: 'bmtool lab reset --yes', says: 'every server offline, no runs undone' }],
  exits: { 1: 'a person said no', 5: 'no lab is running' },
  args: { yes: flag('do not ask; without a terminal nobody is asked') },
  needs: ['lab', 'confirm'],
  async run({ yes }, { lab, confirm }) {
    const go = await confirm({ question: 'Throw away all changes in the lab?', yes });
    return go ? await lab.reset() : undefined;
  },
  text: report => [
    say(
      report === undefined
        ? 'Nothing was changed.'
        : `The lab is back in its first state: ${report.totalMs} ms in all, clients blocked for ${report.blockedMs} ms.`,
    ),
  ],
  /** How the lab was put back. */
  json: (report): Reset | Declined => (report === undefined ? declined : { state: 'reset', ...report }),
  exit: report => (report === undefined ? 1 : 0),
});

const labLogs = defineCommand({
  path: 'lab logs',
  summary: "Print the end of the services' logs",
  examples: [
    { line: 'bmtool lab logs', says: 'the end of each' },
    { line: 'bmtool lab logs worker --lines 100', says: "NetBox's background worker" },
  ],
  exits: { 1: 'the lab has never been started' },
  args: {
    service: optionalWord('one service; all if left out', 'service', ['postgres', 'redis', 'netbox', 'worker']),
    lines: integer('how many lines of each (20)', 'N'),
    follow: flag('go on as lines come, until Ctrl-C'),
  },
  needs: ['lab'],
  run: ({ service, lines, follow }, { lab }) => lab.logs({ service, lines: lines ?? 20, follow }),
  text: ({ service, line }, { paint }) => [print(`${paint.dim(`${service} `)}${line}`)],
});

const labEnv = defineCommand({
  path: 'lab env',
  summary: 'Print the lab as environment variables, for other tools',
  examples: [{ line: 'eval "$(bmtool lab env)"', says: 'psql, redis-cli and your own scripts then find the lab, too' }],
  exits: { 5: 'no lab is running' },
  args: {},
  needs: ['lab'],
  /** Settings by their names in the environment. */
  run: (_, { lab }) => lab.env(),
  text: env => Object.entries(env).map(([name, value]) => print(`export ${name}='${value.replaceAll("'", "'\\''")}'`)),
});

export const labCommands = [labUp, labDown, labStatus, labReset, labLogs, labEnv] as const;

const titles: Record<ServiceStatus['service'], string> = {
  postgres: 'PostgreSQL',
  redis: 'Redis',
  netbox: 'NetBox',
  worker: 'worker',
};

function downText(report: DownReport | undefined): Block[] {
  if (report === undefined) return [say('Nothing was changed.')];
  const { stopped, deleted, totalMs } = report;
  const names = stopped.map(({ service }) => titles[service]).join(', ');
  return [
    say(names === '' ? 'No lab was running.' : `Stopped ${names} in ${totalMs} ms.`),
    ...(deleted.length > 0 ? [say(`Its data is gone: deleted ${deleted.join(' and ')}.`)] : []),
  ];
}

function statusBlocks(status: LabStatus, { paint }: View): Block[] {
  if (status.state === 'absent') return [say('No lab is running. Start one: bmtool lab up')];
  if (status.state === 'stopped')
    return [say('No lab is running. One was stopped, and its data is there: bmtool lab up starts it again.')];
  const colour = { running: paint.good, stopped: paint.dim, crashed: paint.bad };
  const rows = status.services.map(({ service, state, version, port, pid, memoryBytes, uptimeMs }) => [
    titles[service],
    colour[state](state),
    version ?? '',
    port === undefined ? '' : `127.0.0.1:${port}`,
    String(pid ?? ''),
    memoryBytes === undefined ? '' : `${Math.round(memoryBytes / 1024 / 1024)} MB`,
    uptimeMs === undefined ? '' : durationText(uptimeMs),
  ]);
  const crashed = status.services.filter(({ state }) => state === 'crashed');
  return [
    table(['service', 'state', 'version', 'listens on', 'pid', 'memory', 'up'], rows),
    ...crashed.flatMap(({ service, log, lastLines }) => [
      say(paint.bad(`${titles[service]} is gone. Its log ${log} ends with:`)),
      ...(lastLines ?? []).map(line => say(paint.dim(`  ${line}`))),
      say('bmtool lab up starts it again.'),
    ]),
  ];
}

function welcome({ url, fleet }: LabStatus, { paint }: View): Block[] {
  return [
    say(
      paint.bold(
        `NetBox with ${fleet ? counted(fleet.servers, 'server') : 'its servers'}: ${url}  (user admin, password admin)`,
      ),
    ),
    say('bmtool talks to it without any settings. Stop it: bmtool lab down'),
  ];
}

function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
