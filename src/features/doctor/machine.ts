import type { FolderReport } from '../../adapters/disk/probe.ts';
import type { SpoolReport } from '../../adapters/spool/probe.ts';
import type { LabReport } from '../../lab/probe.ts';
import type { Setting, SettingName, Settings } from '../../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Runs and events are small; a disk this full is about to be full. */
const littleBytes = 100 * 1024 * 1024;
/** A worker takes the inbox away when it is far smaller. */
const muchOfInbox = 0.25;

export function checkDisk(folder: string, { unwritable, freeBytes }: FolderReport): Check {
  if (unwritable !== undefined)
    return fail(
      'disk',
      `nothing can be written to the state folder ${folder}: ${unwritable}`,
      'Make it writable for this user, or set BMTOOL_STATE_DIR: without it nothing is written to NetBox.',
    );
  const text = `the state folder ${folder} is writable, ${sizeText(freeBytes)} are free`;
  return freeBytes < littleBytes
    ? warn('disk', text, 'Make room: a run that cannot be recorded stops.')
    : ok('disk', text);
}

/** @param report nothing where no event has come yet */
export function checkSpool(folder: string, { unwritable }: FolderReport, report: SpoolReport | undefined): Check {
  if (unwritable !== undefined)
    return warn('spool', `this user may not write to ${folder}: ${unwritable}`, 'Add it to the group of the folder.');
  if (report === undefined) return ok('spool', `no lease event has come to ${folder} yet`);
  const text = `${sizeText(report.bytes)} of at most ${sizeText(report.mostBytes)} in the inbox of ${folder}`;
  return report.bytes > report.mostBytes * muchOfInbox
    ? warn('spool', text, 'Start bmtool dhcp worker: when it is full, further events are lost.')
    : ok('spool', text);
}

export function checkLab({ running, services, url }: LabReport, { all }: Pick<Settings, 'all'>): Check {
  if (running === 0) return ok('lab', 'none is running on this machine');
  const named = all.find(({ name }) => name === 'NETBOX_URL');
  const isUsed = named?.value === url || all.some(({ origin }) => origin === 'lab');
  if (named && url && !isUsed && named.origin !== 'default') return checkUnusedLab(url, named, all);
  if (running === services) return ok('lab', `running at ${url}`);
  return warn(
    'lab',
    `only ${running} of ${services} services run`,
    'bmtool lab status shows which; bmtool lab up starts them again.',
  );
}

const ofServices: readonly (readonly [SettingName, SettingName])[] = [
  ['REDIS_HOST', 'REDIS_PORT'],
  ['PGHOST', 'PGPORT'],
];

/** The lab counts as a whole (settings.ts): who names another NetBox has none of its settings. */
function checkUnusedLab(url: string, { value, origin }: Setting, all: readonly Setting[]): Check {
  const text = `running at ${url}, and not used: NETBOX_URL is ${value} (${origin})`;
  const isSet = (name: SettingName) => all.some(one => one.name === name && one.origin !== 'default');
  const open = ofServices.filter(names => !names.some(isSet)).flat();
  if (open.length === 0) return ok('lab', text);
  return warn(
    'lab',
    `${text}, so that its PostgreSQL and Redis do not count either`,
    `Take NETBOX_URL away to use the lab; to use that NetBox, set ${open.join(', ')}, too.`,
  );
}

function sizeText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
