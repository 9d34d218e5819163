import type { Change, ObjectKind } from './change.ts';

/** NetBox's models that bmtool reads, by NetBox's own `app.model` names; those that it also writes are `ObjectKind`. */
export type Model =
  | ObjectKind
  | 'core.objectchange'
  | 'dcim.cabletermination'
  | 'dcim.devicerole'
  | 'extras.taggeditem'
  | 'ipam.iprange'
  | 'ipam.prefix'
  | 'ipam.role';

/** One thing that NetBox may allow a token. */
export type Right = { readonly op: 'read' | Change['op']; readonly kind: Model };

type Writes = {
  readonly create: readonly ObjectKind[];
  readonly update: readonly ObjectKind[];
  readonly delete: readonly ObjectKind[];
};

/** What people do with bmtool, by the commands that they type, and all that NetBox has to allow for it. */
export type Job = { readonly name: string; readonly reads: readonly Model[]; readonly writes: Writes };

const nothing: Writes = { create: [], update: [], delete: [] };

/** All that phases look at. */
const wholeRecord: readonly Model[] = [
  'dcim.cable',
  'dcim.cabletermination',
  'dcim.device',
  'dcim.devicerole',
  'dcim.interface',
  'dcim.macaddress',
  'extras.journalentry',
  'extras.tag',
  'extras.taggeditem',
  'ipam.ipaddress',
  'ipam.iprange',
  'ipam.prefix',
  'ipam.role',
];

const ways: readonly Job[] = [
  {
    name: 'load-macs',
    reads: ['dcim.device', 'dcim.interface', 'dcim.macaddress', 'extras.journalentry'],
    writes: {
      create: ['dcim.macaddress', 'extras.journalentry'],
      update: ['dcim.interface', 'dcim.macaddress'],
      delete: [],
    },
  },
  { name: 'verify, state show', reads: wholeRecord, writes: nothing },
  {
    name: 'state restore',
    reads: wholeRecord,
    writes: {
      create: ['extras.journalentry', 'extras.tag', 'ipam.ipaddress'],
      update: ['dcim.cable', 'dcim.device'],
      delete: ['extras.journalentry', 'extras.tag', 'ipam.ipaddress'],
    },
  },
  {
    name: 'dhcp worker',
    reads: ['dcim.device', 'dcim.interface', 'dcim.macaddress', 'extras.journalentry', 'ipam.ipaddress', 'ipam.prefix'],
    writes: {
      create: ['extras.journalentry', 'ipam.ipaddress'],
      update: ['dcim.device', 'ipam.ipaddress'],
      delete: [],
    },
  },
  { name: 'why', reads: ['dcim.device', 'dcim.interface', 'dcim.macaddress', 'ipam.ipaddress'], writes: nothing },
  { name: 'snapshot save, snapshot restore', reads: [...wholeRecord, 'core.objectchange'], writes: nothing },
];

/** The table of rights. To teach bmtool a job, add a row above: what takes it back follows from what it writes. */
export const jobs: readonly Job[] = ways.flatMap(job => (writesOf(job).length === 0 ? [job] : [job, undoOf(job)]));

/** NetBox's own name: `dcim.change_interface`. */
export function permissionOf({ op, kind }: Right): string {
  const [app, model] = kind.split('.');
  return `${app}.${actions[op]}_${model}`;
}

/** What an ObjectPermission calls each of them. */
export const actions = { read: 'view', create: 'add', update: 'change', delete: 'delete' } as const satisfies Record<
  Right['op'],
  string
>;

/** What a person does about missing rights. */
export const howToGive =
  "Give its user these permissions in NetBox (Admin > Permissions; docs/security.md has each job's to copy)";
export const howToWrite = 'make the token "write enabled"';

export function rightsOf(job: Job): Right[] {
  return [...job.reads.map(kind => ({ op: 'read', kind }) as const), ...writesOf(job)];
}

/** Everything that some of these jobs need, each once, in the order of the names. */
export function allRights(of: readonly Job[] = jobs): Right[] {
  const byName = new Map(of.flatMap(rightsOf).map(right => [permissionOf(right), right]));
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, right]) => right);
}

function writesOf({ writes }: Job): Right[] {
  return (['create', 'update', 'delete'] as const).flatMap(op => writes[op].map(kind => ({ op, kind })));
}

/** Looks at what it is about to take back, and who has touched it since; what was made goes, what went is made again. */
function undoOf(job: Job): Job {
  const { create, update, delete: removed } = job.writes;
  return {
    name: `undo of ${job.name}`,
    reads: [...new Set<Model>([...create, ...update, ...removed, 'core.objectchange'])].sort(),
    writes: { create: removed, update, delete: create },
  };
}
