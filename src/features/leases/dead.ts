import { flag, optionalWord, word } from '../../cli/arguments.ts';
import { defineCommand } from '../../cli/command.ts';
import { type Block, print, say, table } from '../../cli/view.ts';
import { counted } from '../../core/counted.ts';
import { Failure } from '../../core/failure.ts';
import { type LeaseEvent, parseLeaseEvent } from '../../core/lease.ts';
import type { DeadLetter, DeadLetters } from '../../core/lease-queue.ts';
import { rawText, timeText } from './text.ts';
import { via } from './via.ts';

/** How many letters went back. */
type Retried = {
  /** How many were meant. */
  readonly asked: number;
  /** How many are back in the queue. */
  readonly done: number;
};

/** How many letters were thrown away. */
type Dropped = {
  /** How many were thrown away. */
  readonly done: number;
};

type LetterJson = DeadLetter & {
  /** `entry`, where it can be read as a lease event. */
  readonly event?: LeaseEvent;
};

function letterJson(letter: DeadLetter): LetterJson {
  const event = parseLeaseEvent(letter.entry);
  return { ...letter, ...(typeof event === 'object' && { event }) };
}

export const deadList = defineCommand({
  path: 'dhcp dead list',
  summary: 'List lease events that could not be carried out, with the reason',
  examples: [{ line: 'bmtool dhcp dead list', says: 'also: bmtool dhcp dead' }],
  exits: { 5: 'with --via redis: Redis could not be reached' },
  args: { via },
  needs: ['leaseStore'],
  run: async (wish, { leaseStore }) => (await leaseStore(wish.via)).dead.list(),
  text(letters): Block[] {
    if (letters.length === 0) return [say('No dead letters.')];
    const rows = letters.map(({ id, at, tries, reason, entry }) => [
      id,
      timeText(at),
      String(tries),
      aboutText(entry),
      rawText(reason),
    ]);
    return [
      table(['id', 'when (UTC)', 'tries', 'about', 'reason'], rows),
      say(`${counted(letters.length, 'letter')}. When the reason is gone: bmtool dhcp dead retry ID, or --all`),
    ];
  },
  /** All dead letters, oldest first. */
  json: letters => letters.map(letterJson),
});

export const deadShow = defineCommand({
  path: 'dhcp dead show',
  summary: 'Show one dead letter whole',
  examples: [{ line: 'bmtool dhcp dead show 1', says: 'the whole entry, as it came' }],
  exits: { 2: 'wrong usage, or there is no such letter', 5: 'with --via redis: Redis could not be reached' },
  args: { id: word('as dhcp dead list shows it', 'id'), via },
  needs: ['leaseStore'],
  run: async ({ id, via: place }, { leaseStore }) => {
    const letter = (await (await leaseStore(place)).dead.list()).find(one => one.id === id);
    return letter ?? noLetter(id);
  },
  text: ({ at, tries, reason, entry }) => [
    say(`${timeText(at)} UTC, after ${counted(tries, 'try', 'tries')}: ${rawText(reason, 2000)}`),
    print(prettyText(entry)),
  ],
  /** One dead letter. */
  json: letterJson,
});

export const deadRetry = defineCommand({
  path: 'dhcp dead retry',
  summary: 'Put dead letters back into the queue, as if they had never failed',
  examples: [{ line: 'bmtool dhcp dead retry --all', says: 'when the reason is gone' }],
  exits: { 1: 'a letter is no lease event and stays', 5: 'with --via redis: Redis could not be reached' },
  args: { id: optionalWord('one of them', 'id'), all: flag('all of them'), via },
  needs: ['leaseStore'],
  prepare: async wish => chosen(wish),
  async run(wish, { leaseStore }): Promise<Retried> {
    const { dead } = await leaseStore(wish.via);
    const ids = await idsOf(dead, wish);
    return { asked: ids.length, done: await dead.retry(ids) };
  },
  text: ({ asked, done }) => [
    say(`${counted(done, 'event')} back in the queue.`),
    ...(asked > done ? [say(`${asked - done} stay: they are no lease events, and would only fail again.`)] : []),
  ],
  exit: ({ asked, done }) => (asked > done ? 1 : 0),
});

export const deadDrop = defineCommand({
  path: 'dhcp dead drop',
  summary: 'Throw dead letters away',
  examples: [{ line: 'bmtool dhcp dead drop 1 --yes', says: 'one of them' }],
  exits: { 5: 'with --via redis: Redis could not be reached' },
  args: {
    id: optionalWord('one of them', 'id'),
    all: flag('all of them'),
    yes: flag('do not ask; without a terminal nobody is asked'),
    via,
  },
  needs: ['leaseStore', 'confirm'],
  prepare: async wish => chosen(wish),
  async run(wish, { leaseStore, confirm }): Promise<Dropped> {
    const { dead } = await leaseStore(wish.via);
    const ids = await idsOf(dead, wish);
    const question = `Throw ${counted(ids.length, 'dead letter')} away? They cannot be brought back.`;
    const isMeant = ids.length > 0 && (await confirm({ question, yes: wish.yes }));
    return { done: isMeant ? await dead.drop(ids) : 0 };
  },
  text: ({ done }) => [say(`${counted(done, 'letter')} dropped.`)],
});

async function chosen({ id, all }: { id: string | undefined; all: boolean }): Promise<void> {
  if ((id === undefined) === !all) throw new Failure('option-missing', 'Say which: the id of one letter, or --all');
}

async function idsOf(dead: DeadLetters, { id }: { id: string | undefined }): Promise<string[]> {
  const ids = (await dead.list()).map(letter => letter.id);
  if (id === undefined) return ids;
  return ids.includes(id) ? [id] : noLetter(id);
}

function noLetter(id: string): never {
  throw new Failure('no-such-dead-letter', `There is no dead letter ${id}`, {
    next: 'bmtool dhcp dead list shows all of them.',
  });
}

/** The MAC and the address that a letter is about, where it is an event. */
function aboutText(entry: DeadLetter['entry']): string {
  const data = (parseJson(entry) as { data?: { mac?: unknown; address?: unknown } } | undefined)?.data;
  return data ? rawText(`${data.mac} ${data.address}`) : rawText(entry, 40);
}

function prettyText(entry: string): string {
  const parsed = parseJson(entry);
  return parsed === undefined ? rawText(entry, 4000) : JSON.stringify(parsed, null, 2);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
