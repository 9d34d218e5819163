import type { ErrorKind } from '../../core/errors/errors.ts';
import type { Failure } from '../../core/failure.ts';
import type { Settings } from '../../settings.ts';
import { type Check, fail, ok } from './check.ts';

type Known = Pick<Settings, 'all' | 'netboxUrl'>;

/** What to do where the advice everywhere else is to ask the doctor. */
const advice: Readonly<Partial<Record<ErrorKind, (settings: Known) => string>>> = {
  'token-refused': settings =>
    `Set NETBOX_TOKEN to a token from NetBox: your name (top right) > API Tokens. ${tokenOrigin(settings)}`,
  'token-may-not-read': settings =>
    `Check the token in NETBOX_TOKEN, its permissions, and what stands before NetBox. ${tokenOrigin(settings)}`,
  'netbox-answer-unknown': ({ netboxUrl }) =>
    `Report this, with the version of NetBox: curl -i ${netboxUrl}/api/status/ has it in the header API-Version.`,
};

const isAboutToken = (kind: ErrorKind) => kind === 'token-refused' || kind === 'token-may-not-read';

/** What is said of something that could not be looked at. A NetBox that refuses the token is there: that is not its line. */
export function failedChecks(name: string, failure: Failure, settings: Known): Check[] {
  const { kind, message, next } = failure;
  const what = advice[kind]?.(settings) ?? next ?? '';
  if (name !== 'netbox' || !isAboutToken(kind)) return [fail(name, message, what)];
  return [ok('netbox', `NetBox answers at ${settings.netboxUrl}`), fail('token', message, what)];
}

function tokenOrigin({ all }: Known): string {
  switch (all.find(({ name }) => name === 'NETBOX_TOKEN')?.origin) {
    case '.env':
      return 'This one is from .env in this folder.';
    case 'lab':
      return 'This one is that of the lab.';
    case 'default':
      return 'None is set: this one is the public demo token.';
    default:
      return 'This one is from the environment.';
  }
}
