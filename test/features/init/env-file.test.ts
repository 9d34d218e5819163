import { parseEnv } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { urlOf, withSettings, wrongToken, wrongUrl } from '../../../src/features/init/env-file.ts';

const wanted = { NETBOX_URL: 'https://netbox.example.com', NETBOX_TOKEN: 'nbt_a.b' };

describe('a .env file', () => {
  test('is begun', () => {
    expect(withSettings('', wanted)).toBe('NETBOX_URL=https://netbox.example.com\nNETBOX_TOKEN=nbt_a.b\n');
  });
  test('keeps everything else, in its order', () => {
    const before = '# ours\nexport NETBOX_URL=http://old\nPGHOST=db\n';
    expect(withSettings(before, wanted)).toBe(
      '# ours\nNETBOX_URL=https://netbox.example.com\nPGHOST=db\nNETBOX_TOKEN=nbt_a.b\n',
    );
  });
  test('has each setting once', () => {
    expect(withSettings('NETBOX_TOKEN=a\nNETBOX_TOKEN=b\n', { NETBOX_TOKEN: 'c' })).toBe('NETBOX_TOKEN=c\n');
  });
  test('is read back as it was meant, whatever stood in it', () => {
    const token = fc
      .string({ unit: fc.constantFrom(...'abc019_.-@:/'), minLength: 1 })
      .filter(text => !wrongToken(text));
    const other = fc.constantFrom('# words', 'PGHOST=db', 'export REDIS_PORT=1', '', 'BMTOOL_STATE_DIR=/tmp/x');
    fc.assert(
      fc.property(token, fc.array(other), (typed, lines) => {
        const read = parseEnv(withSettings(lines.join('\n'), { NETBOX_TOKEN: typed }));
        expect(read.NETBOX_TOKEN).toBe(typed);
        expect(read.PGHOST).toBe(lines.includes('PGHOST=db') ? 'db' : undefined);
      }),
    );
  });
});

test.each([
  ['netbox.example.com', 'https://netbox.example.com'],
  ['http://localhost:8000/', 'http://localhost:8000'],
  ['localhost:8000', 'http://localhost:8000'],
  ['127.0.0.1:8000', 'http://127.0.0.1:8000'],
  ['localhost.example.com', 'https://localhost.example.com'],
  ['https://dcim.example.com/netbox/api/', 'https://dcim.example.com/netbox'],
])('the address %s is meant as %s', (typed, url) => {
  expect(urlOf(typed)).toBe(url);
  expect(wrongUrl(typed)).toBeUndefined();
});

test.each([
  '',
  '0123456789abcdef0123456789abcdef01234567',
  'nbt_abc.def',
  'ftp://x',
  'https://user:secret@x',
  'https://x/?a=1',
  'not an address',
])('%j is no address', typed => {
  expect(wrongUrl(typed)).toBeDefined();
});

test.each(['', 'two words', 'quoted"', 'a#b', '$HOME'])('%j is no token', typed => {
  expect(wrongToken(typed)).toBeDefined();
});
