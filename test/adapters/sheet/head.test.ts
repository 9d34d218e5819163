import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { lookAtHead } from '../../../src/adapters/sheet/head.ts';

it.each([
  ['commas', 'server_serial,server_bmc_mac\n', ','],
  ['semicolons, with commas in the data', 'server_serial;server_bmc_mac\n1,5;2,5,6,7\n', ';'],
  ['tabs', 'server_serial\tserver_bmc_mac\r\n', '\t'],
  ['a byte order mark', '\ufeffserver_serial;server_bmc_mac\n', ';'],
  ['empty lines first', '\n\r\n  \nserver_serial;server_bmc_mac\n', ';'],
  ['one column', 'server_serial\n', ','],
  ['lines that end as on an old Mac', 'a;b\rc,d,e,f\r', ';'],
])('%s', (_, text, separator) => {
  expect(lookAtHead(Buffer.from(text))).toEqual({ separator, headerFrom: 1 });
});

it.each([
  ['semicolons', 'sep=;\r\na,b;c\r\n', ';'],
  ['commas, with more semicolons below', '\ufeffSEP=,\na;b;c,d\n', ','],
  ['tabs, quoted, behind an empty line', '"sep=\t"\n\na;b\n', '\t'],
])('a first line that names %s', (_, text, separator) => {
  expect(lookAtHead(Buffer.from(text))).toEqual({ separator, headerFrom: 2 });
});

it.each([
  ['a workbook', Buffer.from('PK\u0003\u0004rest'), 'is a workbook or a zip archive'],
  ['an old workbook', Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1]), 'is an old Excel workbook'],
  ['gzip', gzipSync('server_serial,server_bmc_mac\n'), 'is compressed'],
  ['UTF-16, little end first', Buffer.from('\ufeffserver_serial,server_bmc_mac\n', 'utf16le'), 'is in UTF-16'],
  ['UTF-16, big end first', Buffer.from('\ufeffserver_serial\n', 'utf16le').swap16(), 'is in UTF-16'],
  ['UTF-16 without a mark', Buffer.from('server_serial,server_bmc_mac\n', 'utf16le'), 'is a binary file'],
  ['a program', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), 'is a binary file'],
  ['nothing', Buffer.alloc(0), 'is empty'],
  ['a byte order mark alone', Buffer.from('\ufeff'), 'is empty'],
  ['nothing but the name of a separator', Buffer.from('sep=;\r\n'), 'is empty'],
  ['blanks', Buffer.from(' \n\n\t\n'), 'is empty'],
])('refuses %s', (_, head, says) => {
  const look = lookAtHead(head);
  expect('refusal' in look && look.refusal).toContain(says);
  expect('refusal' in look && look.next).toBeTruthy();
});
