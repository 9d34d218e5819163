import { join } from 'node:path';
import { defineCommand } from '../../cli/command.ts';
import { print, say } from '../../cli/view.ts';
import type { LeaseStore } from '../../core/lease-queue.ts';
import { type NextStep, nextSteps } from './next.ts';

/** Where this machine is, and what can be typed next. */
type StartPage = {
  /** Of this bmtool. */
  readonly version: string;
  /** The NetBox that commands are about. */
  readonly netbox: {
    /** Where it is. */
    readonly url: string;
    /** Where that is said: flag, environment, .env, lab or default. */
    readonly origin: string;
  };
  /** The most urgent first. */
  readonly next: readonly NextStep[];
};

export const start = defineCommand({
  path: 'start',
  summary: 'Show what this machine can do next; the same as bmtool by itself on a terminal',
  details: 'Nobody is asked over the network for this: bmtool doctor does that.',
  examples: [{ line: 'bmtool start', says: 'where to begin' }],
  args: {},
  needs: ['settings', 'runs', 'machine', 'leaseStore', 'manual'],
  async run(_, { settings, runs, machine, leaseStore, manual }): Promise<StartPage> {
    const { value: url, origin } = settings.all.find(({ name }) => name === 'NETBOX_URL') ?? { value: '', origin: '' };
    const [latest] = runs.heads(1);
    // Looking would make the book.
    const hasBook = machine.exists(join(settings.stateDir, 'leases.db'));
    const now = {
      netbox: origin === 'default' ? ('none' as const) : origin === 'lab' ? ('lab' as const) : ('named' as const),
      cutShort: latest?.state === 'cut short' ? { id: latest.header.id, command: latest.header.command } : undefined,
      hasRuns: latest !== undefined,
      waiting: hasBook ? await waitingIn(await leaseStore(undefined)) : 0,
    };
    return { version: manual.version, netbox: { url, origin }, next: nextSteps(now) };
  },
  text: ({ version, netbox, next }, { paint }) => [
    say(`${paint.bold(`bmtool ${version}`)}   onboard bare-metal servers into NetBox`),
    say(whereText(netbox)),
    say(''),
    ...next.map(({ line, says }) => print(`  ${line.padEnd(34)}${paint.dim(says)}`)),
  ],
});

async function waitingIn(store: LeaseStore): Promise<number> {
  const { waiting, unread = 0 } = await store.counts();
  return waiting + unread;
}

function whereText({ url, origin }: { url: string; origin: string }): string {
  if (origin === 'default') return `No NetBox is set up here yet (${url} would be tried).`;
  if (origin === 'lab') return `NetBox: the lab on this machine, ${url}`;
  return `NetBox: ${url} (from ${origin === 'flag' ? 'the flag' : origin === '.env' ? '.env in this folder' : 'the environment'})`;
}
