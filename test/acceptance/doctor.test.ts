import { beforeAll, expect, test } from 'vitest';
import { bmtool, bmtoolJson } from '../support/bmtool.ts';
import { labEnv } from '../support/lab-env.ts';
import { api, resetLab } from '../support/netbox.ts';

type Check = { name: string; state: string; message: string; fix?: string };
type Diagnosis = { checks: Check[]; settings: { name: string; value: string; origin: string }[] };

beforeAll(() => resetLab());

const stateOf = (checks: readonly Check[], name: string) =>
  checks.filter(check => check.name === name).map(check => check.state);

test('a healthy lab: every check is good, and each setting says where it came from', async () => {
  const { exitCode, result } = await bmtoolJson<Diagnosis>(['doctor']);
  expect(result.checks.filter(check => check.state !== 'ok')).toEqual([]);
  expect(exitCode).toBe(0);
  const origin = Object.fromEntries(result.settings.map(setting => [setting.name, setting.origin]));
  expect(origin).toMatchObject({ NETBOX_URL: 'lab', BMTOOL_STATE_DIR: 'environment', BMTOOL_SERVER_ROLE: 'default' });
});

test('no secret is printed, in words or as JSON', async () => {
  const token = labEnv().NETBOX_TOKEN ?? '';
  for (const args of [['doctor'], ['doctor', '--json'], ['doctor', '--verbose']]) {
    const ran = await bmtool(args);
    expect(ran.stdout + ran.stderr).not.toContain(token);
  }
});

test('a user who may do no job at all: each job with the permissions that it lacks, exit 1', async () => {
  const user = await api<{ id: number }>('users/users/', {
    method: 'POST',
    body: { username: 'viewer', password: 'Viewer-Only-1' },
  });
  const permission = await api('users/permissions/', {
    method: 'POST',
    body: {
      name: 'look',
      object_types: ['dcim.device', 'dcim.interface', 'dcim.devicerole'],
      actions: ['view'],
      users: [user.body.id],
    },
  });
  expect(permission.status).toBe(201);
  const made = await api<{ token: string; key: string }>('users/tokens/', {
    method: 'POST',
    body: { user: user.body.id, version: 2 },
  });
  const env = { NETBOX_URL: labEnv().NETBOX_URL ?? '', NETBOX_TOKEN: `nbt_${made.body.key}.${made.body.token}` };
  const { exitCode, result } = await bmtoolJson<Diagnosis>(['doctor'], { env });
  expect(exitCode).toBe(1);
  const missing = result.checks.filter(({ name, state }) => name === 'rights' && state === 'fail');
  const loading = missing.find(({ message }) => message.startsWith('may not: load-macs (lacks '));
  expect(loading?.message).toContain('dcim.change_interface');
  expect(loading?.message).toContain('dcim.view_macaddress');
  expect(loading?.message).not.toContain('dcim.view_device');
  expect(stateOf(result.checks, 'rights')).not.toContain('ok');
});

test('a token that NetBox does not take is told on the line of the token', async () => {
  const env = { NETBOX_URL: labEnv().NETBOX_URL ?? '', NETBOX_TOKEN: 'f'.repeat(40) };
  const { exitCode, result } = await bmtoolJson<Diagnosis>(['doctor'], { env });
  expect([exitCode, stateOf(result.checks, 'netbox'), stateOf(result.checks, 'token')]).toEqual([1, ['ok'], ['fail']]);
  expect(JSON.stringify(result.checks)).not.toContain('bmtool doctor');
});

test('a status map that NetBox cannot follow, and services that do not answer, each with a fix', async () => {
  const env = { BMTOOL_STATUS_MAP: 'discovered=burnin', REDIS_PORT: '9', PGPORT: '9' };
  const { exitCode, result } = await bmtoolJson<Diagnosis>(['doctor'], { env });
  expect(exitCode).toBe(1);
  expect(stateOf(result.checks, 'status map')).toEqual(['fail']);
  expect(stateOf(result.checks, 'redis')).toEqual(['fail']);
  expect(stateOf(result.checks, 'postgresql')).toEqual(['fail']);
  expect(result.checks.filter(check => check.state === 'fail').every(check => check.fix)).toBe(true);
});

test('what answers and is no NetBox, and what does not answer: exit 5 with the address', async () => {
  const { REDIS_PORT } = labEnv();
  for (const NETBOX_URL of ['http://127.0.0.1:9', `http://127.0.0.1:${REDIS_PORT}`]) {
    const ran = await bmtool(['undo'], { env: { NETBOX_URL } });
    expect(ran.exitCode).toBe(5);
    expect(ran.stderr).toContain(NETBOX_URL);
  }
});
