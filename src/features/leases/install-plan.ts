import type { CheckWish } from '../../adapters/machine/machine.ts';
import { serverParts } from './install-servers.ts';
import { type Home, settingsPath, sysusersText, tmpfilesText, workerUnit } from './units.ts';

export const installServers = ['isc', 'kea', 'dnsmasq', 'tap'] as const;
export type InstallServer = (typeof installServers)[number];

/** A file that `--write` puts in place. None of them is a file of the server's own package. */
export type InstallFile = {
  /** Where it goes. */
  readonly path: string;
  /** Its permissions. */
  readonly mode: number;
  /** What is in it. */
  readonly text: string;
  /** What it is for, in a few words. */
  readonly says: string;
};

/** What is left for the person: said, never done. */
export type Step = {
  /** What it is for. */
  readonly says: string;
  /** What to type. */
  readonly commands: readonly string[];
};

export type InstallCheck = {
  readonly what: string;
  readonly program: string;
  readonly wish: (folder: string) => CheckWish;
};

export type InstallPlan = {
  readonly files: readonly InstallFile[];
  readonly steps: readonly Step[];
  readonly checks: readonly InstallCheck[];
};

/** What the plan must know of the machine it is for. */
export type Site = Home & {
  /** The user dhcpd is, as on Ubuntu. */
  readonly hasDhcpdUser: boolean;
  /** libdhcp_run_script.so */
  readonly keaLibrary: string;
  /** For the tap. */
  readonly interface: string | undefined;
};

/** What it takes that bmtool hears of a server's leases: files, what is left to do by hand, and how the files are checked. */
export function planInstall(server: InstallServer, site: Site): InstallPlan {
  const { files, steps, checks } = serverParts[server](site);
  return {
    files: [...files, ...common(server, site)],
    steps: [makeUser, ...steps, startServices(server, site)],
    checks: [...checks, ...unitChecks(files), ...unitChecks(common(server, site))],
  };
}

function common(server: InstallServer, site: Site): InstallFile[] {
  return [
    {
      path: '/etc/systemd/system/bmtool-dhcp-worker.service',
      mode: 0o644,
      text: workerUnit(site),
      says: 'works off what was told',
    },
    { path: '/etc/sysusers.d/bmtool.conf', mode: 0o644, text: sysusersText, says: 'user and group' },
    {
      path: '/etc/tmpfiles.d/bmtool.conf',
      mode: 0o644,
      text: tmpfilesText(site.spool, server === 'isc' && site.hasDhcpdUser),
      says: "the spool's folder",
    },
  ];
}

const makeUser: Step = {
  says: 'Make the user, the group and the spool:',
  commands: ['systemd-sysusers', 'systemd-tmpfiles --create /etc/tmpfiles.d/bmtool.conf'],
};

function startServices(server: InstallServer, site: Site): Step {
  const tap = server === 'tap' ? [`systemctl enable --now bmtool-dhcp-tap@${site.interface ?? 'INTERFACE'}`] : [];
  return {
    says: `Put NETBOX_URL and NETBOX_TOKEN into ${settingsPath} (mode 640, root:bmtool), then start the worker${server === 'tap' ? ' and the tap' : ''}:`,
    commands: ['systemctl daemon-reload', 'systemctl enable --now bmtool-dhcp-worker', ...tap],
  };
}

function unitChecks(files: readonly InstallFile[]): InstallCheck[] {
  return files
    .filter(({ path }) => path.endsWith('.service'))
    .map(({ path, text }) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return {
        what: path,
        program: 'systemd-analyze',
        wish: folder => ({ files: { [name]: text }, args: ['verify', '--man=no', `${folder}/${name}`] }),
      };
    });
}
