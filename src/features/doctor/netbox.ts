import type { NetBox } from '../../adapters/netbox/netbox.ts';
import type { Change, ObjectKind } from '../../core/change.ts';
import { Failure } from '../../core/failure.ts';
import type { Settings } from '../../settings.ts';
import { type Check, fail, ok, warn } from './check.ts';

/** Everything that bmtool reads, by the permission that it takes. To read more, add a row. */
const readings: readonly { readonly permission: string; readonly path: string }[] = [
  { permission: 'dcim.view_device', path: 'dcim/devices/' },
  { permission: 'dcim.view_devicerole', path: 'dcim/device-roles/' },
  { permission: 'dcim.view_interface', path: 'dcim/interfaces/' },
  { permission: 'dcim.view_macaddress', path: 'dcim/mac-addresses/' },
  { permission: 'extras.view_journalentry', path: 'extras/journal-entries/' },
  { permission: 'ipam.view_prefix', path: 'ipam/prefixes/' },
  { permission: 'core.view_objectchange', path: 'core/object-changes/' },
];

/** Everything that bmtool writes, undo included. */
const writings: readonly { readonly permission: string; readonly kind: ObjectKind; readonly op: Change['op'] }[] = [
  { permission: 'dcim.add_macaddress', kind: 'dcim.macaddress', op: 'create' },
  { permission: 'dcim.change_macaddress', kind: 'dcim.macaddress', op: 'update' },
  { permission: 'dcim.delete_macaddress', kind: 'dcim.macaddress', op: 'delete' },
  { permission: 'dcim.change_interface', kind: 'dcim.interface', op: 'update' },
  { permission: 'extras.add_journalentry', kind: 'extras.journalentry', op: 'create' },
  { permission: 'extras.delete_journalentry', kind: 'extras.journalentry', op: 'delete' },
];

/** All that is asked of a NetBox that could be opened. */
export async function checkNetBox(netbox: NetBox, settings: Settings): Promise<Check[]> {
  const checks = [checkVersion(netbox), checkToken(netbox), ...(await checkPermissions(netbox))];
  const looks = [
    unlessRefused('statuses', () => checkStatuses(netbox, settings)),
    unlessRefused('servers', () => checkServers(netbox, settings)),
    unlessRefused('bmc prefix', () => checkPrefix(netbox, settings)),
  ];
  return [...checks, ...(await Promise.all(looks)).flat(), checkClock(netbox)];
}

/** What the token may not see is named among the permissions; here it only cannot be judged. */
async function unlessRefused(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== 4) throw error;
    return [warn(name, 'this token may not see it', 'Grant the missing view permissions above.')];
  }
}

function checkVersion({ identity, url }: NetBox): Check {
  const text = `NetBox ${identity.version.text} at ${url}`;
  return identity.untried
    ? warn(
        'netbox',
        `${text} is newer than any that bmtool was tried with`,
        'Try --dry-run first, and report what does not work.',
      )
    : ok('netbox', text);
}

function checkToken({ identity }: NetBox): Check {
  const whose = identity.user === undefined ? '' : ` of ${identity.user}${identity.superuser ? ' (superuser)' : ''}`;
  return ok('token', `${identity.tokenKind} token${whose} accepted`);
}

async function checkPermissions(netbox: NetBox): Promise<Check[]> {
  const unreadable = await Promise.all(
    readings.map(async ({ permission, path }) => ((await mayRead(netbox, path)) ? [] : [permission])),
  );
  const missing = new Set([...unreadable.flat(), ...(await netbox.missingRights(writings))]);
  const all = [...readings, ...writings].map(({ permission }) => permission);
  const held = all.filter(permission => !missing.has(permission));
  const refused = all.filter(permission => missing.has(permission));
  return [
    ...(held.length > 0 ? [ok('permissions', held.join(' '))] : []),
    ...refused.map(permission =>
      fail(
        'permissions',
        `${permission} is missing`,
        'Grant it to the token\'s user (Admin > Permissions), and make the token "write enabled".',
      ),
    ),
  ];
}

async function mayRead(netbox: NetBox, path: string): Promise<boolean> {
  try {
    await netbox.count(path);
    return true;
  } catch (error) {
    if (error instanceof Failure && error.exit === 4) return false;
    throw error;
  }
}

async function checkStatuses(netbox: NetBox, settings: Settings): Promise<Check[]> {
  const offered = await netbox.deviceStatuses();
  if (offered.length === 0)
    return [
      warn(
        'statuses',
        'NetBox does not say which device statuses it offers to this token',
        'It says so to tokens that may add or change devices.',
      ),
    ];
  const missing = Object.entries(settings.statusMap).filter(([, status]) => !offered.includes(status));
  const map = Object.entries(settings.statusMap)
    .map(([name, status]) => `${name} → ${status}`)
    .join(', ');
  return [
    ok('statuses', `NetBox offers ${offered.join(', ')}`),
    missing.length === 0
      ? ok('status map', map)
      : fail(
          'status map',
          `${missing.map(([name, status]) => `${name} → ${status}`).join(', ')}: NetBox has no such status`,
          'Correct BMTOOL_STATUS_MAP, or add the status to FIELD_CHOICES in NetBox.',
        ),
  ];
}

async function checkServers(netbox: NetBox, settings: Settings): Promise<Check[]> {
  const role = settings.get('BMTOOL_SERVER_ROLE');
  const { servers } = await netbox.fleet.serverNames(role);
  if (servers.length > 0) return [ok('servers', `${servers.length} devices have a role whose name contains "${role}"`)];
  return [
    warn(
      'servers',
      `no device has a role whose name contains "${role}"`,
      'Set BMTOOL_SERVER_ROLE to a part of your role names.',
    ),
  ];
}

async function checkPrefix(netbox: NetBox, settings: Settings): Promise<Check[]> {
  const wanted = settings.get('BMTOOL_BMC_PREFIX');
  const rows = await netbox.list('ipam/prefixes/', {
    fields: ['prefix', 'role'],
    ...(wanted ? { query: [['prefix', wanted]] } : {}),
  });
  const fits = (row: (typeof rows)[number]) =>
    wanted ? row.prefix === wanted : (row.role as { slug?: string } | null)?.slug === 'bmc';
  const found = rows.filter(fits).map(row => String(row.prefix));
  if (found.length === 1) return [ok('bmc prefix', wanted ? `${found[0]}, as set` : `${found[0]} has the role bmc`)];
  const fix = 'Set BMTOOL_BMC_PREFIX to the prefix that BMC addresses come from.';
  if (found.length > 1) return [warn('bmc prefix', `several prefixes have the role bmc: ${found.join(', ')}`, fix)];
  return [warn('bmc prefix', wanted ? `NetBox has no prefix ${wanted}` : 'no prefix has the role bmc', fix)];
}

/** Beyond this, times in runs and in NetBox's change log are hard to bring together. */
const noticeableSkewMs = 5_000;

function checkClock({ identity }: NetBox): Check {
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
