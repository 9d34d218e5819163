import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { headRoom, writeHead } from '../../../../src/adapters/postgres/file/head.ts';
import { readSnapshotFile } from '../../../../src/adapters/postgres/file/read.ts';
import { fileFailure, place, write } from '../../../../src/adapters/postgres/file/write.ts';
import { digestOf, type FileManifest } from '../../../../src/adapters/postgres/manifest.ts';
import { Failure } from '../../../../src/core/failure.ts';
import { aManifest } from '../../../support/snapshots.ts';
import { tries } from '../../../support/tries.ts';

const by = 'pg_dump 18.6';
/** As a dump begins; no byte value is missing. */
const dump = Buffer.concat([
  Buffer.from('PGDMP'),
  Buffer.from(Array.from({ length: 1500 }, (_, at) => (at * 7) % 256)),
]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bmtool-file-'));
  // Copies go here, and nobody else's.
  vi.stubEnv('TMPDIR', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

function fileManifest(otherwise: Partial<FileManifest> = {}): FileManifest {
  const { number: _, jobs: __, exported: ___, ...about } = aManifest();
  const entries = ['{"mac":"02:00:00:00:00:01"}', 'Zürich 🖧', 'base64:/w=='];
  return { ...about, queue: { key: 'q', entries, digest: digestOf(entries) }, ...otherwise };
}

type Writing = { manifest?: FileManifest; pieces?: readonly Buffer[]; force?: boolean };

function writeTo(file: string, { manifest = fileManifest(), pieces = [dump], force = false }: Writing = {}) {
  const onBytes = () => {};
  return write({
    file,
    force,
    manifest,
    by,
    onBytes,
    async dump(onPiece) {
      for (const piece of pieces) await onPiece(piece);
    },
  });
}

const never = new AbortController().signal;
const read = (file: string, signal = never) => readSnapshotFile(file, { signal, onBytes: () => {} });
const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('nothing was refused'),
    error => (error instanceof Failure ? error : Promise.reject(error)),
  );

describe('what was written', () => {
  test('comes back to the byte, however it was handed over', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 4000 }), fc.nat(4000), async (bytes, cut) => {
        const file = join(folder, 'round');
        const all = Buffer.from(bytes);
        const manifest = fileManifest();
        await writeTo(file, { manifest, pieces: [all.subarray(0, cut), all.subarray(cut)], force: true });
        const found = await read(file);
        expect(found).toMatchObject({ manifest, dump: { bytes: all.length, by }, file });
        expect(await readFile(found.dumpPath)).toEqual(all);
        await found.close();
      }),
      { numRuns: tries(30) },
    );
  });

  test('is for nobody else to read, has one line of JSON in front, and nothing beside it', async () => {
    const file = join(folder, 'plain', 'a.bmsnap');
    await mkdir(join(folder, 'plain'));
    await writeTo(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'plain'))).toEqual(['a.bmsnap']);
    const bytes = await readFile(file);
    const line = bytes.subarray(0, bytes.indexOf('\n'));
    expect(JSON.parse(line.toString())).toMatchObject({ bmtool: 'snapshot', format: 1, manifest: { name: '1' } });
    expect(bytes.subarray(line.length + 1)).toEqual(dump);
  });

  test('has no background jobs in it, and takes none in', async () => {
    const file = join(folder, 'jobs');
    const jobs = { queues: { default: ['x'] }, scheduled: {}, fields: { x: { data: 'cGlja2xl' } } };
    await writeTo(file, { manifest: { ...fileManifest(), jobs } as FileManifest });
    const found = await read(file);
    expect(found.manifest).not.toHaveProperty('jobs');
    await found.close();
  });

  test('what is checked is a copy that goes away again', async () => {
    const file = join(folder, 'copy');
    await writeTo(file);
    const { dumpPath, close } = await read(file);
    expect((await stat(dumpPath)).mode & 0o777).toBe(0o600);
    await writeFile(file, 'something else');
    expect(await readFile(dumpPath)).toEqual(dump);
    await close();
    await expect(stat(dumpPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('what is not whole is refused', () => {
  let whole: Buffer;
  const file = () => join(folder, 'damaged');
  beforeAll(async () => {
    await writeTo(join(folder, 'whole'));
    whole = await readFile(join(folder, 'whole'));
  });

  test('cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async length => {
        await writeFile(file(), whole.subarray(0, length));
        expect(await failureOf(read(file()))).toMatchObject({ exit: 2 });
      }),
      { examples: [[0], [1], [10], [whole.indexOf('\n')], [whole.indexOf('\n') + 1], [whole.length - 1]] },
    );
  });

  test('with any byte changed', async () => {
    const edge = whole.indexOf('\n');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const other = Buffer.from(whole);
        other[at] = (other[at] ?? 0) ^ change;
        await writeFile(file(), other);
        expect(await failureOf(read(file()))).toMatchObject({ exit: 2 });
      }),
      // The letter's case of a digest, a space of the filling, the end of the line, the first and the last byte of the dump.
      {
        numRuns: tries(300),
        examples: [
          [0, 1],
          [50, 32],
          [edge - 1, 41],
          [edge, 1],
          [edge + 1, 1],
          [whole.length - 1, 128],
        ],
      },
    );
  });

  test('with something behind it, or in the middle', async () => {
    await writeFile(file(), Buffer.concat([whole, Buffer.from('x')]));
    expect((await failureOf(read(file()))).message).toMatch(/it has 1 byte too many/);
    await writeFile(file(), Buffer.concat([whole.subarray(0, 200), Buffer.from(' '), whole.subarray(200)]));
    expect((await failureOf(read(file()))).message).toMatch(/first line/);
  });

  test('and leaves no copy of it', async () => {
    const other = Buffer.from(whole);
    other[whole.length - 1] = (other.at(-1) ?? 0) ^ 1;
    await writeFile(file(), other);
    expect((await failureOf(read(file()))).message).toMatch(/the dump in it is not the one that was written/);
    expect((await readdir(folder)).filter(name => name.startsWith('bmtool-import-'))).toEqual([]);
  });
});

/** A file whose digests are right, by somebody who knows how. */
async function forged(otherwise: Partial<Record<keyof FileManifest, unknown>>): Promise<string> {
  const file = join(folder, 'forged');
  const manifest = { ...fileManifest(), ...otherwise } as FileManifest;
  await writeTo(file, { manifest, force: true });
  return file;
}

const queueOf = (entries: string[]) => ({ key: 'q', entries, digest: digestOf(entries) });

test.for<[string, Partial<Record<keyof FileManifest, unknown>>]>([
  ['a name that moves the cursor', { name: '\u001b[2J' }],
  ['a name of two lines', { name: 'a\nb' }],
  ['a word about it that rings', { note: '\u0007' }],
  ['a name without end', { name: 'x'.repeat(101) }],
  ['a time that is none', { savedAt: '2026-02-31T25:00:00Z' }],
  ['a phase that is a text', { phase: '1' }],
  ['rows that are no number', { rows: { dcim_device: '1; DROP TABLE' } }],
  ['a digest of another queue', { queue: { ...queueOf(['a']), entries: ['b'] } }],
  ['an event that Redis could not have held', { queue: queueOf(['base64:no?']) }],
  ['half a character', { queue: queueOf(['\ud83d']) }],
  ['no migrations', { migrations: undefined }],
])('a file with right digests and %s is refused', async ([, otherwise]) => {
  expect(await failureOf(read(await forged(otherwise)))).toMatchObject({
    exit: 2,
    message: expect.stringMatching(/says what no bmtool writes/),
  });
});

test.for<[string, string | Buffer, RegExp]>([
  ['nothing', '', /is empty/],
  ['a custom dump', dump, /a dump of pg_dump \(custom format\), not an exported snapshot/],
  ['an SQL dump', '--\n-- PostgreSQL database dump\n--\n', /a dump of pg_dump \(SQL\)/],
  ['a packed file', Buffer.from([0x1f, 0x8b, 8, 0]), /packed by gzip/],
  ['JSON of something else', '{"format":1,"id":"x"}\n', /is no exported snapshot/],
  ['text', 'hello\n', /is no exported snapshot/],
  ['a first line without end', '{"bmtool":"snapshot","format":1,', /first line has no end/],
  ['a newer format', '{"bmtool":"snapshot","format":2,"else":1}\nwhatever', /format 2, of a newer bmtool/],
])('%s is refused by name', async ([, content, message]) => {
  const file = join(folder, 'other');
  await writeFile(file, content);
  expect(await failureOf(read(file))).toMatchObject({ exit: 2, message: expect.stringMatching(message) });
});

describe('a place that cannot be read', () => {
  test('a folder, nothing, a pipe that nobody writes', async () => {
    expect((await failureOf(read(folder))).message).toMatch(/is a folder/);
    expect(await failureOf(read(join(folder, 'nothing')))).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/no such file/),
    });
    const pipe = join(folder, 'pipe');
    const { execa } = await import('execa');
    await execa('mkfifo', [pipe]);
    expect((await failureOf(read(pipe))).message).toMatch(/no ordinary file/);
  });

  test('a reading that is interrupted ends with 130', async () => {
    const file = join(folder, 'interrupted');
    await writeTo(file);
    expect(await failureOf(read(file, AbortSignal.abort()))).toMatchObject({ exit: 130 });
  });
});

describe('where it goes', () => {
  let inside: string;
  beforeEach(async () => {
    inside = await mkdtemp(join(folder, 'place-'));
  });
  const placed = (file: string | undefined, force = false, name = '1-20261121-113012') => place({ file, name, force });

  test('a file by its name, and into a folder one with a name of its own', async () => {
    expect(await placed(join(inside, 'x'))).toBe(join(inside, 'x'));
    expect(await placed(inside)).toBe(join(inside, '1-20261121-113012.bmsnap'));
    expect(await placed(undefined)).toMatch(/\/snapshots\/1-20261121-113012\.bmsnap$/);
  });

  test('a name from outside stays in its folder', async () => {
    expect(basename(await placed(inside, false, '../../etc/cron.d/x'))).toBe('.._.._etc_cron.d_x.bmsnap');
  });

  test('not onto a file that is there, unless that was said; never onto a folder or a device', async () => {
    const file = join(inside, 'x');
    await writeFile(file, 'mine');
    expect(await failureOf(placed(file))).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/is there already/),
    });
    expect(await placed(file, true)).toBe(file);
    expect((await failureOf(placed('/dev/null', true))).message).toMatch(/no ordinary file/);
    await mkdir(join(inside, 'y', 'a.bmsnap'), { recursive: true });
    expect((await failureOf(placed(join(inside, 'y'), true, 'a'))).message).toMatch(/is a folder/);
    expect(await failureOf(placed(join(inside, 'no', 'x')))).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/no folder/),
    });
  });

  test('a file that appears meanwhile is not replaced', async () => {
    const file = join(inside, 'x');
    const writing = write({
      file,
      force: false,
      manifest: fileManifest(),
      by,
      onBytes: () => {},
      async dump(onPiece) {
        await onPiece(dump);
        await writeFile(file, 'mine');
      },
    });
    expect(await failureOf(writing)).toMatchObject({ exit: 2, message: expect.stringMatching(/is there already/) });
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect(await readdir(inside)).toEqual(['x']);
  });

  test('a link that leads nowhere is not followed', async () => {
    await symlink(join(inside, 'elsewhere'), join(inside, 'x'));
    expect(await failureOf(writeTo(join(inside, 'x')))).toMatchObject({ exit: 2 });
    expect(await readdir(inside)).toEqual(['x']);
  });

  test('what fails in the middle leaves nothing, and what was there before', async () => {
    const file = join(inside, 'x');
    await writeFile(file, 'mine');
    const failing = write({
      file,
      force: true,
      manifest: fileManifest(),
      by,
      onBytes: () => {},
      async dump(onPiece) {
        await onPiece(dump);
        throw new Failure('pg-dump-failed', 'pg_dump died');
      },
    });
    expect((await failureOf(failing)).message).toBe('pg_dump died');
    expect([await readdir(inside), await readFile(file, 'utf8')]).toEqual([['x'], 'mine']);
  });

  test('half a file of somebody else is not taken over unasked', async () => {
    const file = join(inside, 'x');
    await writeFile(`${file}.part`, 'half');
    expect(await failureOf(writeTo(file))).toMatchObject({
      exit: 2,
      message: expect.stringMatching(/another export is writing it/),
    });
    expect(await readFile(`${file}.part`, 'utf8')).toBe('half');
    await writeTo(file, { force: true });
    expect(await readdir(inside)).toEqual(['x']);
  });
});

test.for<[string, Partial<Failure>]>([
  [
    'ENOSPC',
    {
      exit: 1,
      message: 'There is no room for /x/y: in the words of the system',
      next: expect.stringMatching(/Nothing was kept/),
    },
  ],
  ['EDQUOT', { exit: 1, message: expect.stringMatching(/no room/) as unknown as string }],
  ['EACCES', { exit: 2, message: 'Cannot use /x/y: in the words of the system' }],
  ['EROFS', { exit: 2, message: expect.stringMatching(/Cannot use/) as unknown as string }],
])('%s in words', ([code, expected]) => {
  const error = Object.assign(new Error('in the words of the system'), { code });
  expect(fileFailure('/x/y', error)).toMatchObject(expected);
});

test('errors that are not of the system stay what they are', () => {
  for (const error of [
    new Failure('pg-dump-failed', 'x'),
    new TypeError('x'),
    Object.assign(new Error('x'), { code: '57P01' }),
  ])
    expect(fileFailure('/x/y', error)).toBe(error);
});

test('the room for a head is enough for any dump', () => {
  const manifest = fileManifest();
  const room = headRoom(manifest, by);
  for (const bytes of [1, 2_863_904, Number.MAX_SAFE_INTEGER])
    expect(writeHead({ manifest, dump: { bytes, sha256: 'a'.repeat(64), by } }, room)).toHaveLength(room);
});

test('a queue that is too long for a file is refused before anything is written', () => {
  const entries = Array.from({ length: 70 }, () => 'x'.repeat(2 ** 20));
  expect(() => headRoom(fileManifest({ queue: { key: 'q', entries, digest: '' } }), by)).toThrow(/70 events/);
});
