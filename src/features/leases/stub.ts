import { mostOfCall, uselessWords, variablesOf } from './calls/caller.ts';

/** Where `install` puts the stub. Never another place: dhcpd keeps the path in its lease file and calls it long after (peers: 4.4.3-P1). */
export const stubPath = '/usr/local/lib/bmtool/dhcp-hook';

/** As in adapters/spool/append.ts, in the blocks of 512 bytes that `ulimit -f` counts (POSIX). */
const mostInboxBlocks = (64 * 1024 * 1024) / 512;

/**
 * The hook as a shell script: appends the call to the spool and ends, without starting a program. For dash, busybox and bash as `/bin/sh`.
 *
 * What it writes is what `bmtool dhcp hook` writes: the same bounds, variables and words, from the same tables.
 *
 * @param spoolFolder absolute, without line breaks
 */
export function stubText(spoolFolder: string): string {
  const values: Readonly<Record<string, string>> = {
    SPOOL: `'${spoolFolder.replaceAll("'", `'\\''`)}'`,
    USELESS: uselessWords.join(' | '),
    KEA: wrapped(variablesOf.kea),
    DNSMASQ: wrapped(variablesOf.dnsmasq),
    ARGUMENTS: String(mostOfCall.arguments),
    VALUE: String(mostOfCall.valueBytes),
    FIELDS: String(mostOfCall.fieldBytes),
    BLOCKS: String(mostInboxBlocks),
  };
  return template.replaceAll('@{', '${').replaceAll(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? '');
}

/** Names in lines of a readable length. */
function wrapped(names: readonly string[]): string {
  return names.reduce((text, name) => {
    const line = text.slice(text.lastIndexOf('\n') + 1);
    return `${text}${line.length + name.length > 120 ? '\n    ' : ' '}${name}`;
  });
}

/** `@{` is the shell's `${`. */
const template = String.raw`#!/bin/sh
# Made by "bmtool dhcp install"; make it anew instead of editing it. DHCP servers run this for every lease and some wait for it, so it
# appends the call as one line to the spool, where the bmtool worker finds it, starts no program and ends with 0 whatever happens.
# Keep it in this place: dhcpd stores the path with each lease and calls it when that lease ends, long after its configuration has changed.

case $1 in @USELESS@) exit 0 ;; esac
LC_ALL=C
umask 0007
spool=@SPOOL@
tab='	'
newline='
'

# The kernel's clock: a date would need a program. The worker knows when this boot began.
{ read -r boot </proc/sys/kernel/random/boot_id && read -r uptime _ </proc/uptime; } 2>/dev/null || boot='' uptime=''

# Adds a field: $1 is ":" or "+NAME=", $2 its value. Returns 1 for one that is too long. The whole is kept within what a shell writes at once.
fields=''
add() {
  [ "@{#2}" -le @VALUE@ ] || return 1
  text=$2
  case $2 in *["\\$tab$newline"]*) escape "$2" ;; esac
  [ $((@{#fields} + @{#1} + @{#text} + 1)) -le @FIELDS@ ] || return 1
  fields=$fields$tab$1$text
}

escape() {
  replace "$1" '\' '\\'
  replace "$text" "$tab" '\t'
  replace "$text" "$newline" '\n'
}

# Sets $text to $1 with $3 for every $2.
replace() {
  rest=$1 text=''
  while :; do
    case $rest in *"$2"*) ;; *) break ;; esac
    text=$text@{rest%%"$2"*}$3
    rest=@{rest#*"$2"}
  done
  text=$text$rest
}

count=0
for argument; do
  [ "$count" -lt @ARGUMENTS@ ] || break
  count=$((count + 1))
  add : "$argument" || fields=$fields$tab:
done

# What the call is read from. Nothing else of the environment: it may hold secrets.
names=''
case $1 in
  lease*) names='@KEA@' ;;
  add | old | del) names='@DNSMASQ@' ;;
esac
for name in $names; do
  eval "value=\@{$name-} given=\@{$name+1}"
  [ -z "$given" ] || add "+$name=" "$value"
done

line="@{newline}call1$tab$tab$boot$tab$uptime$fields$newline"

# A FIFO, or a link to somewhere else, in the inbox's place is left alone. A spool that is full is left as it is.
append() {
  [ -d "$spool" ] || PATH=/usr/bin:/bin mkdir -p "$spool"
  [ ! -L "$spool/inbox" ] && { [ -f "$spool/inbox" ] || [ ! -e "$spool/inbox" ]; } || return 1
  ulimit -f @BLOCKS@ && trap '' XFSZ
  printf '%s' "$line" >>"$spool/inbox"
}

# A process of its own writes, so that no server waits for a disk. It holds none of the server's files: dnsmasq waits until its pipe is closed.
# ("exec", since a redirection around a command keeps the old ones open in dash.)
write() {
  exec </dev/null >/dev/null 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  append || PATH=/usr/bin:/bin logger -t bmtool-dhcp-hook "cannot write to $spool: a lease is not in bmtool's spool"
}

# Where the server is the first process of a container, nobody would ever collect the other process: this one writes.
if [ "$PPID" = 1 ]; then write; else write & fi
exit 0
`;
