import { globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BmcNet } from './net.ts';
import type { Segment } from './segments.ts';
import { makeServerFolder, type RunningServer, type ServerWish, startServer } from './server.ts';

/** A Kea that was found: what is typed to start it, and where its hook libraries are. */
export type KeaBuild = { readonly command: readonly string[]; readonly hooks: string };

/** The one that is installed: 2.2 on Debian 12, 2.6 on Debian 13. */
export function installedKea(): KeaBuild {
  return { command: ['kea-dhcp4'], hooks: globSync('/usr/lib/*/kea/hooks')[0] ?? '/usr/lib/kea/hooks' };
}

export async function startKea(net: BmcNet, wish: ServerWish, build = installedKea()): Promise<RunningServer> {
  const folder = await makeServerFolder(net, 'kea');
  const [configFile, leaseFile] = [join(folder, 'kea.json'), join(folder, 'leases.csv')];
  const sockets = join(folder, 'sockets');
  await mkdir(sockets, { mode: 0o750 });
  return startServer(net, folder, wish, {
    server: 'kea',
    configFile,
    leaseFile,
    command: [...build.command, '-c', configFile],
    env: {
      KEA_PIDFILE_DIR: folder,
      KEA_LOCKFILE_DIR: folder,
      // 2.6 has leases, logs, sockets and hooks where it was built for, and nowhere else.
      KEA_DHCP_DATA_DIR: folder,
      KEA_LOG_FILE_DIR: folder,
      KEA_CONTROL_SOCKET_DIR: sockets,
      KEA_HOOKS_PATH: build.hooks,
    },
    configuration: now => configuration(net, now, build, leaseFile),
    ready: /DHCP4_STARTED/,
    // It runs on without the interface, and waits for another configuration.
    broken: /OPEN_SOCKET_FAIL|NO_SOCKETS_OPEN/,
  });
}

/** Leases that ended are looked for every second; the file of leases is never cleaned up, which would rename it. */
function configuration(
  net: BmcNet,
  { leaseSeconds, range, hook, fragment }: ServerWish,
  build: KeaBuild,
  leaseFile: string,
): string {
  const settings = {
    'interfaces-config': { interfaces: [net.server.device], 'dhcp-socket-type': 'raw', 're-detect': false },
    'lease-database': { type: 'memfile', persist: true, name: leaseFile, 'lfc-interval': 0 },
    'valid-lifetime': leaseSeconds,
    'expired-leases-processing': {
      'reclaim-timer-wait-time': 1,
      'hold-reclaimed-time': 3600,
      'flush-reclaimed-timer-wait-time': 25,
    },
    subnet4: net.segments.map((segment, i) => subnet(i + 1, segment, (i === 0 ? range : undefined) ?? segment.range)),
    loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
  };
  const hooks = fragment ?? (hook === undefined ? undefined : hookFragment(build, hook));
  const json = JSON.stringify(settings, undefined, 2);
  // Text and no value: a fragment may have comments, which Kea takes and JSON does not.
  return `{ "Dhcp4": ${hooks === undefined ? json : json.replace(/\n}$/, () => `,\n${hooks}\n}`)} }\n`;
}

function subnet(id: number, { network, prefixLength, gateway }: Segment, { from, to }: Segment['range']) {
  return {
    id,
    subnet: `${network}/${prefixLength}`,
    pools: [{ pool: `${from}-${to}` }],
    'option-data': [{ name: 'routers', data: gateway }],
  };
}

function hookFragment(build: KeaBuild, hook: string): string {
  const library = { library: join(build.hooks, 'libdhcp_run_script.so'), parameters: { name: hook, sync: false } };
  return `"hooks-libraries": ${JSON.stringify([library])}`;
}
