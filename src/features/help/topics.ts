import { filled } from '../../cli/view.ts';

/** A page that is about no single command. */
export type Topic = { readonly name: string; readonly says: string; readonly text: string };

/** What topics are made from, besides their own words. */
export type TopicFacts = {
  readonly settings: readonly {
    readonly name: string;
    readonly fallback: string;
    readonly says: string;
    readonly flag: string | undefined;
  }[];
  readonly exitCodes: Readonly<Record<number, string>>;
};

/** Pages of at most 80 columns. To add one, add a row. */
export function topicsOf(facts: TopicFacts): readonly Topic[] {
  return [
    { name: 'phases', says: 'the known states of the whole record', text: phases },
    { name: 'plans', says: 'how bmtool writes: plan, apply, plan again', text: plans },
    { name: 'undo', says: 'three ways back, and which one when', text: undo },
    { name: 'settings', says: 'every setting, its flag and its default', text: settingsText(facts) },
    { name: 'exit-codes', says: 'what they tell scripts and cron', text: exitCodesText(facts) },
    { name: 'output', says: 'terminals, pipes, JSON, progress and colours', text: output },
  ];
}

const phases = `A phase is a known state of the whole record: to demonstrate from, to test
against, to go back to.

  0  clean slate                every server offline, without a BMC address;
                                cables as designed; the discovery queue empty
  1  BMC discovery complete     every server discovered, with an address from
                                the BMC prefix on its BMC interface
  2  cable validation complete  every server failed: the switch ends of its
                                first two NICs are swapped, both cables tagged,
                                a warning in its journal

Where is the record now?        bmtool state show
Put it there                    bmtool state restore 1
Is it there, asked of NetBox    bmtool verify 1
Which cables are wrong          bmtool verify cables

From whatever state a server is in it goes straight to the phase, with the
fewest writes. Run again, the same command writes nothing. A few servers only:
--limit 10. The statuses that NetBox shows are set by BMTOOL_STATUS_MAP.`;

const plans = `Every command that writes to NetBox does the same four things:

  1. It reads what is.
  2. It works out what should be; the difference is a plan.
  3. It applies the plan, as a run that is on disk before the first write.
  4. It plans again: nothing is left to do.

The plan, and nothing else      --dry-run (with --verbose every change)
The plan for programs           --dry-run --json
What was written                bmtool runs list, bmtool runs show ID
Ten servers first               --limit 10

Nothing is half done: rights and services are checked before the first write,
Ctrl-C finishes what is in flight, and a run that was killed is finished by
typing the same command again. On a terminal, commands that reset or replace
state ask first; --yes answers for you. Without a terminal nobody is asked,
unless BMTOOL_PROTECTED is on.`;

const undo = `Three ways back, from the smallest to the largest:

  bmtool undo [ID]              takes back what one run wrote to NetBox, field
                                by field. What others have changed since is left
                                alone and named. An undo is a run, too: undo it,
                                and it is redone.
  bmtool state restore 0|1|2    puts servers into a known phase, whatever they
                                are in now.
  bmtool snapshot restore NAME  puts NetBox's whole database back as it was when
                                the snapshot was saved: everything that anybody
                                has written since is put out. It is kept:
                                bmtool snapshot undo brings it back.

Before an experiment            bmtool snapshot save before
What has happened since         bmtool snapshot diff before
After one wrong run             bmtool runs list, then bmtool undo ID
After a wrecked database        bmtool snapshot restore before`;

const output = `stdout has the result, stderr the talk and the progress.

  on a terminal   a table, and progress with rate and time left
  piped           rows, tab-separated, without a header and without colour
  --json          one document, {"format":1,"command":...,"target":...,
                  "result":...}; commands that run for long print one a line
  --quiet         no talk and no progress
  --verbose       everything that is shortened otherwise
  --no-color      no colours; NO_COLOR in the environment does the same
  --plain         for screen readers: words in place of colours, tables and
                  moving lines; BMTOOL_PLAIN=on does the same
  --debug         where in the program an error came from

The shape of each command's JSON     bmtool schema load-macs
What an error's code means           bmtool explain BM-201

Within format 1 fields are added and never change their meaning. Secrets are in
no output, no argument, no run file and no log.`;

function settingsText({ settings }: TopicFacts): string {
  const rows = settings.map(({ name, fallback, says, flag }) =>
    [
      `  ${name}${flag ? `  (${flag})` : ''}`,
      ...filled(says, 74)
        .split('\n')
        .map(line => `      ${line}`),
      ...(fallback ? [`      default: ${fallback}`] : []),
    ].join('\n'),
  );
  return `A setting is taken from the first of these that has it:

  1. its flag, where it has one (secrets have none: arguments can be seen by
     every user of a machine)
  2. the environment
  3. .env in the current folder; bmtool init writes one
  4. a lab that runs on this machine
  5. its default

bmtool doctor shows each with the place it came from.

${rows.join('\n')}`;
}

function exitCodesText({ exitCodes }: TopicFacts): string {
  const rows = Object.entries(exitCodes).map(([code, says]) => `  ${code.padEnd(5)}${says}`);
  return `${rows.join('\n')}

What they tell of one command is at the end of its --help. In a script:

  bmtool load-macs new.csv --report out.csv
  case $? in
    0) ;;
    1) mail -s "rows to correct" noc < out.csv ;;
    *) exit 1 ;;
  esac

DHCP servers never see any of them: bmtool dhcp hook always ends with 0.`;
}
