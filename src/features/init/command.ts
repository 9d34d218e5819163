import { join } from 'node:path';
import type { Machine } from '../../adapters/machine/machine.ts';
import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Ask } from '../../cli/ask.ts';
import { defineCommand } from '../../cli/command.ts';
import { say } from '../../cli/view.ts';
import { Failure } from '../../core/failure.ts';
import type { Progress } from '../../core/progress.ts';
import { urlOf, withSettings, wrongToken, wrongUrl } from './env-file.ts';

/** What was asked and written. */
type InitOutcome = {
  /** The .env file. */
  readonly file: string;
  /** Where NetBox is. */
  readonly url: string;
  /** NetBox's version. */
  readonly version: string;
  /** Whose token it is; NetBox says so from 4.5 on. */
  readonly user: string | undefined;
  /** Whether the file was there before. */
  readonly wasThere: boolean;
  /** Whether it could be committed by mistake. */
  readonly inGit: boolean;
  /** Whether the environment names a NetBox, too, and wins. */
  readonly overruled: boolean;
};

export const init = defineCommand({
  path: 'init',
  summary: 'Point bmtool at your NetBox: ask for its address and a token, try them, write .env',
  details: `The file .env in this folder gets NETBOX_URL and NETBOX_TOKEN, readable by you alone; whatever
else is in it stays. bmtool reads it whenever it is run in this folder. Nothing is written
unless NetBox has accepted the token.

Without a terminal nobody can be asked: write the two lines yourself, or set the environment.`,
  examples: [{ line: 'bmtool init', says: 'answer two questions' }],
  exits: { 4: 'NetBox does not accept the token', 5: 'NetBox could not be reached' },
  args: {},
  needs: ['ask', 'settings', 'netboxAt', 'machine', 'progress'],
  async run(_, { ask, settings, netboxAt, machine, progress }): Promise<InitOutcome> {
    if (!ask.canAsk) {
      throw new Failure('terminal-missing', 'bmtool init asks questions, and there is no terminal to ask on', {
        next: 'Set NETBOX_URL and NETBOX_TOKEN in the environment, or write them into .env (mode 600).',
      });
    }
    const named = settings.all.find(({ name, origin }) => name === 'NETBOX_URL' && origin !== 'default');
    const { url, token, netbox } = await askUntilAccepted(ask, named?.value, netboxAt, progress);
    const path = join(machine.folder, '.env');
    const before = machine.read(path);
    const text = withSettings(before?.text ?? '', { NETBOX_URL: url, NETBOX_TOKEN: token });
    machine.write(path, { text, mode: 0o600 });
    return {
      file: path,
      url,
      version: netbox.version.text,
      user: netbox.identity.user,
      wasThere: before !== undefined,
      inGit: inGit(machine),
      overruled: settings.all.some(({ name, origin }) => name === 'NETBOX_URL' && origin === 'environment'),
    };
  },
  text: ({ file, url, version, user, wasThere, inGit: shared, overruled }, { paint }) => [
    say(paint.good(`NetBox ${version} at ${url} accepts the token${user ? ` of ${user}` : ''}.`)),
    say(`${file} ${wasThere ? 'has them now' : 'is written'}, readable by you alone; it counts in this folder.`),
    ...(shared
      ? [say(paint.warn('This folder is in a git repository that does not ignore .env: add it to .gitignore.'))]
      : []),
    ...(overruled ? [say(paint.warn('NETBOX_URL is also set in the environment, which wins over .env.'))] : []),
    say('Next: bmtool doctor'),
  ],
});

type Accepted = { readonly url: string; readonly token: string; readonly netbox: NetBox };

/** Asks again for what was wrong, the address or the token, until NetBox accepts it: whoever types a token by hand gets it wrong once. */
async function askUntilAccepted(
  ask: Ask,
  known: string | undefined,
  netboxAt: (url: string, token: string) => Promise<NetBox>,
  progress: Progress,
): Promise<Accepted> {
  let url = await askUrl(ask, known);
  for (let tries = 1; ; tries += 1) {
    const token = await askToken(ask, progress);
    const step = progress.step(`asking ${url}`);
    try {
      const netbox = await netboxAt(url, token);
      step.done();
      return { url, token, netbox };
    } catch (error) {
      step.fail();
      if (!(error instanceof Failure) || error.exit === 130 || tries === mostTries) throw error;
      progress.note([error.message, error.next].filter(Boolean).join('\n  '));
      // Not allowed is the token's fault; all else the address's.
      if (error.exit !== 4) url = await askUrl(ask, url);
    }
  }
}

async function askUrl(ask: Ask, initial: string | undefined): Promise<string> {
  return urlOf(await ask.text('Address of NetBox', { wrong: wrongUrl, ...(initial && { initial }) }));
}

const mostTries = 5;

async function askToken(ask: Ask, progress: Progress): Promise<string> {
  for (;;) {
    const token = (await ask.secret('Token')).trim();
    const wrong = wrongToken(token);
    if (wrong === undefined) return token;
    progress.note(wrong);
  }
}

/** Whether .env could be committed by mistake. */
function inGit(machine: Machine): boolean {
  const folder = machine.folder;
  if (!machine.exists(join(folder, '.git'))) return false;
  const ignored = machine.read(join(folder, '.gitignore'))?.text.split('\n') ?? [];
  return !ignored.some(line => ['.env', '/.env', '*.env', '.env*'].includes(line.trim()));
}
