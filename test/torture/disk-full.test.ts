import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type SmallNetBox, startSmallNetBox } from '../support/small-netbox.ts';

let netbox: SmallNetBox;
let disk: string;

/** A PostgreSQL on a small disk of its own. */
beforeAll(async () => {
  netbox = await startSmallNetBox('netbox', ['max_wal_size = 64MB'], async folder => {
    await mkdir(folder, { recursive: true });
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'bmtool-test', folder], { reject: false });
    if (mounted.failed)
      throw new Error(
        `This test needs a disk that it can fill, and may not mount one (run it as root): ${mounted.stderr}`,
      );
    disk = folder;
  });
});

afterAll(async () => {
  // Its processes are gone then; the folder itself is not, for something is mounted there.
  await netbox?.[Symbol.asyncDispose]().catch(() => {});
  if (disk === undefined) return;
  await execa('umount', ['--lazy', disk]);
  await rm(disk, { recursive: true, force: true });
});

/** Leaves so much of the disk, MB. */
async function leave(megabytes: number): Promise<void> {
  const filler = join(disk, 'filler');
  await rm(filler, { force: true });
  const { stdout } = await execa('df', ['--output=avail', '--block-size=1M', disk]);
  const free = Number(stdout.trim().split('\n')[1]);
  await writeFile(filler, Buffer.alloc((free - megabytes) * 1_048_576));
}

const restoreDisk = () => rm(join(disk, 'filler'), { force: true });

test('the disk is full while a copy is made: nothing is lost, the copy goes, and the words have the numbers', async () => {
  await netbox.become('saved');
  expect((await netbox.run(['snapshot', 'save', 'kept', '--fast-next', 'off'])).exitCode).toBe(0);
  await netbox.become('worked');
  const own = await netbox.own();
  for (const args of [
    ['save', 'other'],
    ['restore', 'kept'],
  ]) {
    await leave(4);
    const ran = await netbox.run(['snapshot', ...args]);
    expect(ran.exitCode, ran.stderr).toBe(1);
    expect(ran.stderr).toMatch(/The disk of PostgreSQL at \S+ is full: .*No space left on device/);
    expect(ran.stderr).toMatch(/A copy takes \d+\.\d MB; the copies that are there take \d+\.\d MB/);
    expect(ran.stderr).toContain('bmtool snapshot prune --keep N');
    expect(await netbox.own()).toEqual(own);
    expect(await netbox.comment()).toEqual({ comment: null, open: true });
    expect(await netbox.now()).toEqual({ word: 'worked', queue: ['event of worked'], cache: 'worked' });
  }
  await restoreDisk();
  expect((await netbox.run(['snapshot', 'restore', 'kept', '--fast-next', 'off'])).exitCode).toBe(5);
  expect((await netbox.now()).word).toBe('saved');
});

test('there is room for one copy and not for the ready one: what was asked for is done, and said', async () => {
  await restoreDisk();
  await netbox.become('worked');
  await leave(12);
  const ran = await netbox.run(['snapshot', 'save', 'second']);
  expect(ran.exitCode, ran.stderr).toBe(0);
  expect(ran.stderr).toMatch(/No copy could be made ready for the next restore.*No space left on device/);
  expect(ran.stderr).toContain('Bring it back: bmtool snapshot restore second');
  expect((await netbox.own()).map(({ role }) => role)).not.toContain('next');
  const list = await netbox.run(['snapshot', 'list']);
  expect(list.stdout).toMatch(/^second\t/m);
});
