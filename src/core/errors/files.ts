import type { ErrorTable } from './entry.ts';

/** BM-5xx: files that a person handed in or asked for. Codes are never reused nor renumbered (see errors.ts). */
export const fileErrors = {
  'file-unreadable': {
    code: 'BM-501',
    exit: 2,
    title: 'A file cannot be read',
    says: `
      It does not exist, belongs to another user, or its disk gives an error; the message says which. Nothing was changed.
      A path without / at its beginning counts from the folder in which bmtool was started, which cron and systemd choose
      themselves. What another program makes can be piped in, with - as the name of the manifest.

        ls -l manifest.csv`,
  },
  'not-a-file': {
    code: 'BM-502',
    exit: 2,
    title: 'The path is no ordinary file',
    says: `
      It is a folder, or a device, a socket or the like. Nothing was changed. Name the file itself; for what is to be
      written, name a new file in that folder.`,
  },
  'not-a-table': {
    code: 'BM-503',
    exit: 2,
    title: 'The manifest is no table of text',
    says: `
      It is a workbook (.xlsx, .xls), compressed, a binary file or empty; it is in another encoding than UTF-8 (UTF-16, or
      Windows-1252, as a plain "CSV" of Excel's mostly is); or a line is longer than a megabyte, or a quote is opened and never
      closed. Where it is one line, the message names it. Nothing was changed. Save the sheet as "CSV UTF-8", with a header
      line and one server a line. Commas, semicolons and tabs, a BOM and CRLF are fine. The encoding is never guessed: the
      report would have the wrong letters for good.

        file manifest.csv
        iconv -f windows-1252 -t utf-8 manifest.csv > utf8.csv
        iconv -f utf-16 -t utf-8 manifest.csv > utf8.csv`,
  },
  'wrong-columns': {
    code: 'BM-504',
    exit: 2,
    title: 'The manifest lacks a column, or has it twice',
    says: `
      The first line names the columns: server_serial and server_bmc_mac must be among them, once each, in any order and
      case; further columns are kept. Nothing was changed. Usual causes: lines above the header (a title, a date), names of
      the supplier's own, a sheet that was saved with other separators. Lines above the header have to go; columns of other
      names can be said, and on a terminal bmtool asks which they are.

        head -3 manifest.csv
        bmtool load-macs new.csv --serial-column "Serial No" --mac-column "iLO MAC"`,
  },
  'report-unwritable': {
    code: 'BM-505',
    exit: 2,
    title: 'The report could not be written',
    says: `
      Before NetBox is written to, bmtool looks whether it can write the report that was asked for. It cannot: the folder
      does not exist or may not be written, or the name is that of a folder. Nothing was changed.

        ls -ld .`,
  },
  'report-lost': {
    code: 'BM-506',
    exit: 1,
    title: 'The report broke off',
    says: `
      At the start the report could be written, and at the end it could not: mostly the disk is full by now. What was written
      to NetBox stays, and is in a run. Make room, then run the same command again: it writes nothing twice, and its report
      has every row.

        bmtool runs list`,
  },
  'manifest-without-rows': {
    code: 'BM-507',
    exit: 2,
    title: 'The manifest has no rows',
    says: `
      There is a header and nothing below it. Nothing was asked or changed. Mostly an export that found nothing, or one that
      broke off: whoever waits for these servers should hear of it. A job for which no rows are no trouble looks first:

        if [ "$(wc -l < manifest.csv)" -gt 1 ]; then bmtool load-macs manifest.csv; fi`,
  },
  'not-a-capture': {
    code: 'BM-510',
    exit: 2,
    title: 'The recording is no capture of packets',
    says: `
      A recording is a pcap or pcapng file, as tcpdump -w, dumpcap and Wireshark write them, of Ethernet or raw IP. This one
      is empty, compressed, of another kind, or damaged at its very beginning. A recording that breaks off later is read as
      far as it goes.

        file recording.pcap
        gunzip recording.pcap.gz
        bmtool dhcp tap --replay recording.pcap`,
  },
  'not-an-export': {
    code: 'BM-520',
    exit: 2,
    title: 'The file is no exported snapshot',
    says: `
      It does not begin as a file that "snapshot export" wrote. Nothing was changed. A dump of PostgreSQL's is loaded with
      pg_restore or psql; a compressed file has to be unpacked first.

        file FILE
        bmtool snapshot export live FILE`,
  },
  'export-damaged': {
    code: 'BM-521',
    exit: 2,
    title: 'The exported snapshot is damaged',
    says: `
      Every byte of the file is covered by a digest, which is compared before anything is touched. It does not fit: the file
      was cut off while it was copied, changed by a transfer that takes it for text, or edited. Nothing was changed. Take it
      anew from where it was exported, and compare digests there and here.

        sha256sum FILE`,
  },
  'export-too-new': {
    code: 'BM-522',
    exit: 2,
    title: 'The exported snapshot is of a newer bmtool',
    says: `
      Its format has a higher number than this bmtool can read. Nothing was changed. Bring bmtool up to date on this machine.

        bmtool --version`,
  },
  'no-such-folder': {
    code: 'BM-523',
    exit: 2,
    title: 'The folder of the file is not there',
    says: `
      bmtool makes no folder for an exported snapshot: a misspelled path would put a copy of the whole record where nobody
      looks for it. Make the folder first, or name another file.`,
  },
  'file-exists': {
    code: 'BM-524',
    exit: 2,
    title: 'The file is there already',
    says: `
      Nothing is overwritten unasked. Name another file, or say that it is to be replaced; the old one stays until the new one
      is whole.

        bmtool snapshot export live FILE --force`,
  },
  'export-unfinished': {
    code: 'BM-525',
    exit: 2,
    title: 'An unfinished export lies beside the file',
    says: `
      A file is written under a name of its own, which ends in .part, and gets its right name when it is whole. Such a one is
      there: another export is writing it now, or one was killed. If nobody is writing, remove it or say --force.

        ps -ef | grep "snapshot export"
        bmtool snapshot export live FILE --force`,
  },
  'file-disk-full': {
    code: 'BM-526',
    exit: 1,
    title: 'There is no room for the file',
    says: `
      The disk is full, a quota is used up, or the file may not become so large. What was begun was removed again. Make room,
      or name a file on another disk.

        df -h .`,
  },
  'export-unusable': {
    code: 'BM-527',
    exit: 2,
    title: 'The file of a snapshot cannot be used',
    says: `
      The operating system does not let bmtool read or write it; the message has its words. Usual causes: it belongs to
      another user (an exported snapshot is readable by its owner alone), a disk that is mounted read-only, a file that is
      not there. Nothing was changed.

        ls -l FILE`,
  },
} as const satisfies ErrorTable;
