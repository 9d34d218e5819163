import type { ErrorTable } from './entry.ts';

/** BM-101 to BM-129: what was typed. Codes are never reused nor renumbered (see errors.ts). */
export const typedErrors = {
  'unknown-command': {
    code: 'BM-101',
    exit: 2,
    title: 'There is no such command',
    says: `
      The first words after bmtool name no command. Where one is spelled much like them, the message names it.
      Commands of several words stay together: options come behind them.

        bmtool --help
        bmtool snapshot --help`,
  },
  'unknown-option': {
    code: 'BM-102',
    exit: 2,
    title: 'The command has no such option',
    says: `
      The command was understood, and an option was not. Options are those of one command: what load-macs takes, state
      restore may not. Secrets (tokens, passwords) have no option at all, since everybody on a machine sees its
      processes' arguments: give them in the environment or in .env.

      A value that begins with a dash is taken for an option: write --option=-value, or -- before the words that are
      none.

        bmtool load-macs --help
        bmtool doctor                # every setting, and where it comes from`,
  },
  'argument-missing': {
    code: 'BM-103',
    exit: 2,
    title: 'A word or the value of an option is missing',
    says: `
      The command needs one more word (a file, a name), or an option was given without its value. In a script the usual
      cause is a variable that is empty: quote it, so that the empty word is seen.

        bmtool load-macs --help      # <word> must be there, [word] may be`,
  },
  'too-many-arguments': {
    code: 'BM-104',
    exit: 2,
    title: 'More words than the command takes',
    says: `
      There are words left that mean nothing to this command. Usual causes: a file name with a space that is not quoted,
      a pattern (*.csv) that the shell has made several names of, or a misspelled second word of a command such as
      snapshot or lab, which alone is a command itself.

        bmtool load-macs "new servers.csv"`,
  },
  'bad-value': {
    code: 'BM-105',
    exit: 2,
    title: 'A word or option has a value that it cannot have',
    says: `
      The message names the option or word, and what it takes: one of a few words, a whole number, on or off, a MAC or
      an IPv4 address, the name of an interface, a note of at most 500 characters. Nothing was read or changed yet.`,
  },
  'command-missing': {
    code: 'BM-106',
    exit: 2,
    title: 'No command was given',
    says: `
      There were options, but no word that names a command: the command comes first, its options behind it. Without anything
      at all bmtool shows what there is.

        bmtool --help`,
  },
  'option-missing': {
    code: 'BM-107',
    exit: 2,
    title: 'The command must be told more',
    says: `
      The command can do one of several things and guesses at none of them: which DHCP server, how many snapshots to
      keep, one dead letter or all of them, an interface or a recording. Exactly one of what the message names must be
      given.

        bmtool dhcp install --server kea
        bmtool snapshot prune --keep 3
        bmtool dhcp dead retry --all
        bmtool dhcp tap --interface ens3`,
  },
  'options-clash': {
    code: 'BM-108',
    exit: 2,
    title: 'Words or options that do not go together',
    says: `
      Each of them is right, and together they ask for something that is not there. A snapshot is of the whole record, so a
      limit cannot be kept with it, and it has no difference to itself; events lead into phase 1 only; "live" is the record as
      it is now, and has no time; the note of a snapshot was given when it was saved; a report is a copy of the manifest with
      verdicts, and needs a name of its own. Leave one of them out, or name something else.`,
  },
  'bad-snapshot-name': {
    code: 'BM-109',
    exit: 2,
    title: 'Not a name for a snapshot',
    says: `
      A snapshot's name is a phase number or a word of up to 40 letters, digits and . _ -, beginning with a letter or a
      digit. It becomes part of what is read in lists and typed again, so it has no spaces. The word live is taken: it
      means the record as it is now. What else there is to say goes into the note.

        bmtool snapshot save before-upgrade --note "NetBox 4.6, before the new racks"`,
  },
  'ambiguous-device': {
    code: 'BM-110',
    exit: 2,
    title: 'A word fits more than one device',
    says: `
      A serial or a name may be on several devices in NetBox: names are unique only within a site, and nothing keeps
      serials unique. The message lists the names. Ask by one of them or by a MAC address; two devices with one serial
      are usually a mistake in the record.`,
  },
  'no-such-device': {
    code: 'BM-111',
    exit: 2,
    title: 'NetBox has no such device',
    says: `
      No device has this name, serial or MAC address. Check in this order: that the bmtool in your hands asks the NetBox
      that you mean; the spelling (serials are compared without case, names with it); that the device's role is one of a
      server (BMTOOL_SERVER_ROLE); that the token may see the device.

        bmtool doctor
        bmtool dhcp unknown          # BMCs that were heard of and are not in NetBox`,
  },
  'no-such-code': {
    code: 'BM-112',
    exit: 2,
    title: 'There is no such error code',
    says: `
      Codes are BM- and three digits; the name of a kind (netbox-unreachable) and the digits alone are understood too. A
      code that this bmtool does not know may be of a newer one.

        bmtool explain               # all of them
        bmtool explain BM-201`,
  },
  'no-help': {
    code: 'BM-113',
    exit: 2,
    title: 'There is no help about this',
    says: `
      What can be read about is a command, by its words, or a topic, by its name.

        bmtool --help                # all commands
        bmtool help phases`,
  },
  'unknown-shell': {
    code: 'BM-114',
    exit: 2,
    title: 'There is no completion for this shell',
    says: `
      bmtool completes in bash, zsh and fish. Which of them is yours is taken from SHELL, which cron, containers and sudo
      may leave out.

        bmtool completion install --shell bash`,
  },
  'home-missing': {
    code: 'BM-115',
    exit: 2,
    title: 'There is no home folder',
    says: `
      What is installed for one user goes below HOME, which is not set here. Say where to put it instead.

        bmtool man install --dir /usr/local/share/man
        bmtool completion bash       # for /etc/bash_completion.d/bmtool`,
  },
  'terminal-missing': {
    code: 'BM-116',
    exit: 2,
    title: 'The command asks questions, and there is no terminal',
    says: `
      Nobody is asked where standard input or standard error is no terminal, or with --json. What would be asked can be
      said another way: an address and a token in the environment or in .env, a name on the command line.

        bmtool doctor                # what is set, and where it comes from`,
  },
  'no-schema': {
    code: 'BM-117',
    exit: 2,
    title: 'There is no such schema',
    says: `
      Each command has one, by its words, and so have the events that travel through spool and Redis, with their version.

        bmtool schema                # all of them
        bmtool schema runs list
        bmtool schema dhcp-lease.v1`,
  },
} as const satisfies ErrorTable;
