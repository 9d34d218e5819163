import { expect } from 'vitest';
import { readManifest } from '../../src/adapters/postgres/manifest.ts';
import { quoted } from '../../src/adapters/postgres/swap.ts';
import { type SmallNetBox, startSmallNetBox } from './small-netbox.ts';
import { type Moment, openStepProxy, postgresProtocol, redisProtocol } from './step-proxy.ts';

/** A name as somebody may have given it, and a comment of theirs that must survive everything. */
const source = 'we"ird net\\box';
const remark = 'Ours: do not touch \\ at all.\nAsk Ann.';

/** A command that is cut short at each of its steps. There is always a snapshot `kept`, of the record `saved`. */
type Command = {
  readonly args: readonly string[];
  /** Brings it to where the command has something to do; gives the record that is live then. */
  readonly before: (netbox: SmallNetBox) => Promise<string>;
  /** The records of which one is live, whole, after it was cut short. */
  readonly may: readonly string[];
  /** The record that is live when it was run again then. */
  readonly ends: readonly string[];
  /** What it ends with. NetBox is away, which a restore says with 5. */
  readonly exits: readonly number[];
};

export const commandNames = ['save', 'restore with a ready copy', 'restore without', 'undo', 'delete'] as const;

type CommandName = (typeof commandNames)[number];

const commands: Record<CommandName, Command> = {
  save: {
    args: ['save', 'other'],
    before: netbox => live(netbox, { ready: true }),
    may: ['worked'],
    ends: ['worked'],
    exits: [0],
  },
  'restore with a ready copy': {
    args: ['restore', 'kept'],
    before: netbox => live(netbox, { ready: true }),
    may: ['worked', 'saved'],
    ends: ['saved'],
    exits: [5],
  },
  'restore without': {
    args: ['restore', 'kept', '--fast-next', 'off'],
    before: netbox => live(netbox, { ready: false }),
    may: ['worked', 'saved'],
    ends: ['saved'],
    exits: [5],
  },
  undo: {
    args: ['undo'],
    async before(netbox) {
      await live(netbox, { ready: false });
      await succeed(netbox, [5], 'restore', 'kept', '--fast-next', 'off');
      await netbox.redis.cache.set(':1:config', 'saved');
      return 'saved';
    },
    may: ['worked', 'saved'],
    // Where it was cut short after the exchange, once more takes that back.
    ends: ['worked', 'saved'],
    exits: [5],
  },
  delete: {
    args: ['delete', 'other'],
    async before(netbox) {
      await live(netbox, { ready: false });
      await succeed(netbox, [0], 'save', 'other');
      return 'worked';
    },
    may: ['worked'],
    ends: ['worked'],
    // Where it was cut short after the snapshot was gone, there is none to delete.
    exits: [0, 2],
  },
};

/** The record `worked`, beside the snapshot `kept`, an undo copy, and a ready copy or none. */
async function live(netbox: SmallNetBox, { ready }: { ready: boolean }): Promise<string> {
  const there = await manifests(netbox);
  for (const { name, about } of there) if (about !== 'kept') await drop(netbox, name);
  if (!there.some(({ about }) => about === 'kept')) {
    await netbox.become('saved');
    await succeed(netbox, [0], 'save', 'kept');
    await succeed(netbox, [5], 'restore', 'kept');
  }
  const warm = (await netbox.own()).filter(({ role }) => role === 'warm');
  if (ready && warm.length === 0) await succeed(netbox, [5], 'restore', 'kept');
  if (!ready) for (const { name } of warm) await drop(netbox, name);
  await netbox.become('worked');
  return 'worked';
}

async function succeed(netbox: SmallNetBox, exits: readonly number[], ...args: readonly string[]): Promise<void> {
  const ran = await netbox.run(['snapshot', ...args]);
  expect(exits, ran.stderr).toContain(ran.exitCode);
}

const drop = (netbox: SmallNetBox, name: string) =>
  netbox.beside(async admin => void (await admin.query(`DROP DATABASE ${quoted(name)}`)));

/** The snapshots, by the names that people gave them. */
async function manifests({ beside }: SmallNetBox) {
  const { rows } = await beside(admin =>
    admin.query<{ name: string; comment: string }>(
      `SELECT datname AS name, coalesce(shobj_description(oid, 'pg_database'), '') AS comment
       FROM pg_database WHERE datname LIKE 'bmtool\\_snapshot\\_%'`,
    ),
  );
  return rows.map(({ name, comment }) => {
    const manifest = readManifest(comment);
    return { name, about: 'unreadable' in manifest ? manifest.unreadable : manifest.name };
  });
}

export type Victim = 'bmtool' | 'PostgreSQL';
export type Cut = { readonly at: 'postgres' | 'redis'; readonly moment: Moment; readonly victim: Victim };
export type EveryStep = Awaited<ReturnType<typeof openEveryStep>>;

/** A small NetBox behind proxies that cut commands short. */
export async function openEveryStep() {
  await using closers = new AsyncDisposableStack();
  const netbox = closers.use(await startSmallNetBox(source));
  const proxies = {
    postgres: closers.use(await openStepProxy(netbox.postgres.port, postgresProtocol)),
    redis: closers.use(await openStepProxy(netbox.redis.port, redisProtocol)),
  };
  const comment = remark.replaceAll('\\', '\\\\');
  await netbox.beside(admin => admin.query(`COMMENT ON DATABASE ${quoted(source)} IS E'${comment}'`));
  const through = { PGPORT: String(proxies.postgres.port), REDIS_PORT: String(proxies.redis.port) };
  const owned = closers.move();
  return {
    /** Cuts a command short at its first step and has that put right; then at its second, and so on. Gives how many steps it has. */
    async cutShort(name: CommandName, cut: Cut): Promise<number> {
      for (let step = 1; step < 60; step++) {
        const before = await commands[name].before(netbox);
        const said = await cutAt(step, commands[name].args, cut);
        if (said === undefined) return step - 1;
        const what = `${name}, ${cut.victim} killed ${cut.moment} step ${step} (${said})`;
        // After an answer it is as before the next step: the one is put right by recover, the other by the command itself.
        if (cut.moment !== 'before') await putRight(what, name, before);
        if (cut.moment !== 'after') await runAgain(what, name, before);
      }
      throw new Error(`${name} has no end`);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  /** What the step said at which it was cut short; nothing when it got through. */
  async function cutAt(step: number, args: readonly string[], { at, moment, victim }: Cut) {
    const { child, ended } = netbox.start(['snapshot', ...args], through);
    let crashed: Promise<void> | undefined;
    const act = () => {
      if (victim === 'bmtool') child.kill('SIGKILL');
      else crashed = netbox.postgres.crash();
    };
    proxies[at].arm({ step, moment, act });
    const { exitCode, stderr } = await ended;
    proxies[at].arm();
    expect(stderr).not.toMatch(/^\(node:\d+\)/m);
    const said = proxies[at].struck;
    if (crashed !== undefined) {
      await crashed;
      await netbox.postgres.start();
      // The last steps only make the next restore faster: the command has done its work by then.
      const isExtra = /No copy could be made ready|could not be dropped; the next command/.test(stderr);
      expect(isExtra ? [0, 5] : [1, 5], stderr).toContain(exitCode);
      expect(stderr.includes('error[BM-'), stderr).toBe(!isExtra);
    }
    if (said === undefined) expect([0, 5], stderr).toContain(exitCode);
    return said;
  }

  async function putRight(what: string, name: CommandName, before: string): Promise<void> {
    const recovered = await netbox.run(['snapshot', 'recover', '--wait']);
    expect(recovered.exitCode, `${what}: ${recovered.stderr}`).toBe(0);
    const now = await netbox.now();
    expect(commands[name].may, what).toContain(now.word);
    await isWhole(what, now, before);
  }

  async function runAgain(what: string, name: CommandName, before: string): Promise<void> {
    const { args, ends, exits } = commands[name];
    const again = await netbox.run(['snapshot', ...args, '--wait']);
    expect(exits, `${what}, again: ${again.stderr}`).toContain(again.exitCode);
    const now = await netbox.now();
    expect(ends, `${what}, again`).toContain(now.word);
    await isWhole(`${what}, again`, now, before);
  }

  /** The live database takes clients, and the queue and the cache fit it; nothing is left over, and the snapshots are whole. */
  async function isWhole(what: string, now: Awaited<ReturnType<SmallNetBox['now']>>, before: string): Promise<void> {
    expect(now.queue, what).toEqual([`event of ${now.word}`]);
    if (now.word !== before) expect(now.cache, what).toBeNull();
    expect(await netbox.comment(), what).toEqual({ comment: remark, open: true });
    const own = await netbox.own();
    const roles = Map.groupBy(own, ({ role }) => role);
    expect(
      [...roles.keys()].filter(role => role === undefined || role === 'next'),
      what,
    ).toEqual([]);
    expect([roles.get('undo')?.length, (roles.get('warm')?.length ?? 0) <= 1], what).toEqual([1, true]);
    expect(
      own.filter(({ open }) => open),
      what,
    ).toEqual([]);
    for (const { name: database, about } of await manifests(netbox)) {
      expect(['kept', 'other'], what).toContain(about);
      expect(await netbox.lookInto(database), what).toBe(about === 'kept' ? 'saved' : 'worked');
    }
  }
}
