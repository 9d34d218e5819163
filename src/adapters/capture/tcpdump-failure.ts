import { readdirSync } from 'node:fs';
import type { ErrorKind } from '../../core/errors/errors.ts';
import { Failure } from '../../core/failure.ts';

type Trouble = {
  readonly says: RegExp;
  readonly what: (name: string) => string;
  readonly next: (name: string) => string;
  /** Its exit code: 2 what was typed is wrong, 4 not allowed, 5 it is away and trying again may help (a supervisor does), 1 somebody has to do something first. */
  readonly kind: ErrorKind;
};

const rights = 'Start bmtool as root, or as a user with CAP_NET_RAW (systemd: User=, AmbientCapabilities=CAP_NET_RAW).';

/** What tcpdump 4.9 to 4.99 says, and what that means here. */
const troubles: readonly Trouble[] = [
  {
    says: /^ENOENT /,
    what: () => 'tcpdump is not installed',
    next: () => 'Install it (apt-get install tcpdump); bmtool dhcp tap listens through it.',
    kind: 'tcpdump-missing',
  },
  {
    // Root whose capabilities were cut down to CAP_NET_RAW: tcpdump then cannot become its own user.
    says: /Couldn't change to '|Couldn't drop|setgroups|setuid/i,
    what: name => `tcpdump may not give up root's rights, so it does not listen on ${name}`,
    next: () =>
      'Start bmtool as a user other than root, with CAP_NET_RAW (systemd: User=, AmbientCapabilities=CAP_NET_RAW).',
    kind: 'tap-as-root',
  },
  {
    says: /^EACCES |permission|Operation not permitted|CAP_NET_RAW/i,
    what: name => `Not allowed to listen on ${name}`,
    next: () => rights,
    kind: 'tap-not-allowed',
  },
  {
    says: /No such device|SIOCGIFHWADDR|isn't a capturable device|Invalid adapter index/i,
    what: name => `There is no interface ${name} on this machine`,
    next: () => `There is: ${interfaceNames()}.`,
    kind: 'no-such-interface',
  },
  {
    says: /interface disappeared|went down|is not up|Network is down/i,
    what: name => `The interface ${name} is down or has disappeared`,
    next: name => `Bring it up (ip link set ${name} up) and start again; what was seen before is told.`,
    kind: 'interface-down',
  },
];

/** Makes of tcpdump's last words what happened, and what to do. */
export function tcpdumpFailure(name: string, talk: string): Failure {
  const trouble = troubles.find(({ says }) => says.test(talk));
  if (trouble) return new Failure(trouble.kind, trouble.what(name), { next: trouble.next(name) });
  return new Failure('tcpdump-ended', `tcpdump has ended: ${lastWords(talk)}`, {
    next: `See what it says to: tcpdump -i ${name} -n port 67`,
  });
}

/** Its counts, which it ends with, are no reason. */
function lastWords(talk: string): string {
  const lines = talk.split('\n').filter(line => line !== '' && !/^\d+ packets? |listening on /.test(line));
  return lines.slice(-2).join(' ').slice(0, 300) || 'it does not say why';
}

function interfaceNames(): string {
  try {
    return readdirSync('/sys/class/net').join(', ') || 'none';
  } catch {
    return 'see ip link';
  }
}
