import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../core/counted.ts';
import { Failure } from '../core/failure.ts';
import { changeState, type LabContext, recordService } from './context.ts';
import { createBase, createLive, databases, hasBase } from './database.ts';
import { lockedNetbox } from './environment.ts';
import { migrate } from './netbox-service.ts';
import { findPostgres } from './postgres-binaries.ts';
import { createCluster, startPostgres } from './postgres-service.ts';
import { type DatabaseRecord, readState } from './state.ts';
import type { UpPlan } from './up.ts';
import { stopIfInterrupted } from './wait.ts';

/**
 * Starts PostgreSQL and sees to it that the base and the live database are there and fit the NetBox that is installed.
 *
 * @param installed NetBox's environment, when Redis runs, too: what migrations need
 */
export async function bringUpDatabase(lab: LabContext, plan: UpPlan, installed: Promise<string>): Promise<void> {
  if (!plan.living.has('postgres')) await start(lab, plan);
  const cluster = { port: plan.ports.postgres, password: plan.secrets.postgresPassword };
  const recorded = readState(lab.places.stateDir)?.database;
  if (recorded === undefined || !(await hasBase(cluster))) await makeBase(lab, plan, installed);
  else await upgradeBoth(lab, plan, { recorded, installed });
  stopIfInterrupted(lab.signal);
  await createLive(cluster);
}

/** Whether the databases have to be migrated before the installed NetBox may serve them. */
export function needsMigration(recorded: DatabaseRecord | undefined): boolean {
  return recorded !== undefined && recorded.netbox !== lockedNetbox();
}

async function start(lab: LabContext, plan: UpPlan): Promise<void> {
  const { places, env, signal } = lab;
  const bin = await findPostgres(env, places.postgresCache);
  const password = plan.secrets.postgresPassword;
  const startOnce = async () => {
    await createCluster(places, { bin, password, env });
    const onStart = (early: Parameters<typeof recordService>[2]) => recordService(lab, 'postgres', early);
    const record = await startPostgres(places, { bin, port: plan.ports.postgres, password, env, signal, onStart });
    recordService(lab, 'postgres', record);
  };
  const isNew = !existsSync(join(places.postgresData, 'PG_VERSION'));
  try {
    await startOnce();
  } catch (error) {
    stopIfInterrupted(signal);
    if (isNew || !plan.cutOff) throw error;
    // It writes without fsync: when the machine itself goes down, what is on the disk may be torn.
    lab.progress.note('The database did not survive the way in which this machine went down; making it anew.');
    await rm(places.postgresData, { recursive: true, force: true });
    changeState(lab, ({ database: _torn, ...state }) => state);
    await startOnce();
  }
}

async function makeBase(lab: LabContext, plan: UpPlan, installed: Promise<string>): Promise<void> {
  const { base, servers, seed, ports, secrets } = plan;
  const step = lab.progress.step(`Making NetBox's database with ${counted(servers, 'server')}`);
  const target = lockedNetbox();
  try {
    await createBase(
      { port: ports.postgres, password: secrets.postgresPassword },
      {
        base,
        servers,
        seed,
        step,
        signal: lab.signal,
        upgrade: async database => {
          if (compareVersions(base.netbox, target) === 0) return;
          step.say(`migrating it from NetBox ${base.netbox} to ${target}`);
          await migrateOne(lab, plan, { from: base.netbox, database, environment: await installed });
          lab.progress.note(`The base snapshot is of NetBox ${base.netbox}; migrated to ${target}.`);
        },
      },
    );
    changeState(lab, state => ({ ...state, database: { servers, seed, base: base.hash, netbox: target } }));
    step.done(`${counted(servers, 'server')} loaded`);
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** Takes databases that an older NetBox made, with what is in them, to the version that is installed now. */
async function upgradeBoth(
  lab: LabContext,
  plan: UpPlan,
  at: { recorded: DatabaseRecord; installed: Promise<string> },
): Promise<void> {
  const target = lockedNetbox();
  const { recorded } = at;
  if (recorded.base !== plan.base.hash) {
    lab.progress.note(
      "The base snapshot has changed since this lab was made. To have the new one, discard the lab's data: bmtool lab down --purge",
    );
  }
  if (!needsMigration(recorded)) return;
  const step = lab.progress.step(`Migrating the lab's database from NetBox ${recorded.netbox} to ${target}`);
  try {
    const environment = await at.installed;
    for (const database of [databases.base, databases.live]) {
      await migrateOne(lab, plan, { from: recorded.netbox, database, environment });
    }
    changeState(lab, state => ({ ...state, database: { ...recorded, base: plan.base.hash, netbox: target } }));
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
}

async function migrateOne(
  lab: LabContext,
  plan: UpPlan,
  what: { from: string; database: string; environment: string },
): Promise<void> {
  const version = lockedNetbox();
  if (compareVersions(what.from, version) > 0) {
    throw new Failure(
      'lab-data-too-new',
      `The lab's database is of NetBox ${what.from}, which is newer than the installed ${version}.`,
      { next: 'To discard its data: bmtool lab down --purge && bmtool lab up' },
    );
  }
  const { ports, secrets } = plan;
  await migrate(lab.places, { ...what, version, ports, secrets, env: lab.env, signal: lab.signal });
}

/** Below 0 when `a` is the older version. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
