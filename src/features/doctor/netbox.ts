import type { NetBoxReport } from '../../adapters/netbox/probe.ts';
import { counted } from '../../core/counted.ts';
import { howToGive, howToWrite, type Job, jobs, permissionOf, rightsOf } from '../../core/rights.ts';
import type { Settings } from '../../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';

type Wanted = Pick<Settings, 'get' | 'statusMap'>;

/** All that is said of a NetBox that answered. */
export function checkNetBox(report: NetBoxReport, settings: Wanted): Check[] {
  return [
    checkVersion(report),
    checkToken(report),
    ...checkRights(report.missing),
    ...checkStatuses(report, settings),
    checkServers(report, settings),
    checkPrefix(report, settings),
    checkClock(report),
  ];
}

/** What the token may not see is named among the rights; here it only cannot be judged. */
function unseen(name: string): Check {
  return warn(name, 'this token may not see it', 'Grant the missing view permissions above.');
}

function checkVersion({ identity, url }: NetBoxReport): Check {
  const text = `NetBox ${identity.version.text} at ${url}`;
  return identity.untried
    ? warn(
        'netbox',
        `${text} is newer than any that bmtool was tried with`,
        'Try --dry-run first, and report what does not work.',
      )
    : ok('netbox', text);
}

function checkToken({ identity, superuser }: NetBoxReport): Check {
  const whose = identity.user === undefined ? '' : ` of ${identity.user}${superuser ? ' (superuser)' : ''}`;
  return ok('token', `${identity.tokenKind} token${whose} accepted`);
}

/** A token for one job alone is as it should be: only one that is of no use at all is a failure. */
export function checkRights(missing: readonly string[]): Check[] {
  const lacks = (job: Job) =>
    rightsOf(job)
      .map(permissionOf)
      .filter(name => missing.includes(name));
  const held = jobs.filter(job => lacks(job).length === 0);
  const say = held.length === 0 ? fail : warn;
  return [
    ...(held.length > 0 ? [ok('rights', `may: ${held.map(({ name }) => name).join(', ')}`)] : []),
    ...jobs
      .filter(job => !held.includes(job))
      .map(job => say('rights', `may not: ${job.name} (lacks ${lacks(job).join(', ')})`, fixFor(job))),
  ];
}

function fixFor(job: Job): string {
  const isWriter = rightsOf(job).some(({ op }) => op !== 'read');
  return `Should it? ${howToGive}${isWriter ? `, and ${howToWrite}` : ''}.`;
}

function checkStatuses({ statuses }: NetBoxReport, settings: Wanted): Check[] {
  if (statuses === undefined || statuses.length === 0)
    return [
      warn(
        'statuses',
        'NetBox does not say which device statuses it offers to this token',
        'It says so to tokens that may add or change devices.',
      ),
    ];
  const missing = Object.entries(settings.statusMap).filter(([, status]) => !statuses.includes(status));
  const map = Object.entries(settings.statusMap)
    .map(([name, status]) => `${name} → ${status}`)
    .join(', ');
  return [
    ok('statuses', `NetBox offers ${statuses.join(', ')}`),
    missing.length === 0
      ? ok('status map', map)
      : fail(
          'status map',
          `${missing.map(([name, status]) => `${name} → ${status}`).join(', ')}: NetBox has no such status`,
          'Correct BMTOOL_STATUS_MAP, or add the status to FIELD_CHOICES in NetBox.',
        ),
  ];
}

function checkServers({ servers }: NetBoxReport, settings: Wanted): Check {
  const role = settings.get('BMTOOL_SERVER_ROLE');
  if (servers === undefined) return unseen('servers');
  if (servers > 0)
    return ok('servers', `${counted(servers, 'device has', 'devices have')} a role whose name contains "${role}"`);
  return warn(
    'servers',
    `no device has a role whose name contains "${role}"`,
    'Set BMTOOL_SERVER_ROLE to a part of your role names.',
  );
}

function checkPrefix({ prefixes }: NetBoxReport, settings: Wanted): Check {
  const wanted = settings.get('BMTOOL_BMC_PREFIX');
  if (prefixes === undefined) return unseen('bmc prefix');
  if (prefixes.length === 1)
    return ok('bmc prefix', wanted ? `${prefixes[0]}, as set` : `${prefixes[0]} has the role bmc`);
  const fix = 'Set BMTOOL_BMC_PREFIX to the prefix that BMC addresses come from.';
  if (prefixes.length > 1) return warn('bmc prefix', `several prefixes have the role bmc: ${prefixes.join(', ')}`, fix);
  return warn('bmc prefix', wanted ? `NetBox has no prefix ${wanted}` : 'no prefix has the role bmc', fix);
}

/** Beyond this, times in runs and in NetBox's change log are hard to bring together. */
const noticeableSkewMs = 5_000;

function checkClock({ identity }: NetBoxReport): Check {
  const skew = identity.clockSkewMs;
  if (skew === undefined) return warn('clock', 'the server does not tell its time', 'Nothing to do.');
  const seconds = Math.round(Math.abs(skew) / 1000);
  if (Math.abs(skew) <= noticeableSkewMs) return ok('clock', `within ${Math.max(1, seconds)} s of the server's`);
  return warn(
    'clock',
    `this machine is ${seconds} s ${skew > 0 ? 'behind' : 'ahead of'} the server`,
    'Set both clocks by NTP.',
  );
}
