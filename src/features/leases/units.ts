import { user } from './fragments.ts';

/** Where bmtool's own things are on this machine. */
export type Home = {
  readonly spool: string;
  /** The command that starts bmtool, as words. */
  readonly bmtool: readonly string[];
};

export const stateFolder = '/var/lib/bmtool';
export const settingsPath = '/etc/bmtool/bmtool.env';

export function workerUnit(home: Home): string {
  return unitText(home, {
    says: 'bmtool: work off what DHCP servers and taps have told',
    command: ['dhcp', 'worker'],
    capabilities: '',
    families: 'AF_UNIX AF_INET AF_INET6',
  });
}

/** A template: `bmtool-dhcp-tap@ens3` captures on ens3. */
export function tapUnit(home: Home): string {
  return unitText(home, {
    says: 'bmtool: watch DHCP on %i',
    command: ['dhcp', 'tap', '--interface', '%i'],
    // All that tcpdump needs, when it does not start as root: as root it would want SETUID and SETGID to become somebody else.
    capabilities: 'CAP_NET_RAW',
    families: 'AF_UNIX AF_INET AF_INET6 AF_NETLINK AF_PACKET',
  });
}

type Wish = { says: string; command: readonly string[]; capabilities: string; families: string };

function unitText({ spool, bmtool }: Home, { says, command, capabilities, families }: Wish): string {
  const start = [...bmtool.map(unitWord), ...command].join(' ');
  return `# Made by "bmtool dhcp install".
[Unit]
Description=${says}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=${start}
Restart=always
RestartSec=5
User=${user}
Group=${user}
UMask=0007
WorkingDirectory=${stateFolder}
# NETBOX_URL, NETBOX_TOKEN and other settings.
EnvironmentFile=-${settingsPath}
Environment=HOME=${stateFolder} BMTOOL_STATE_DIR=${stateFolder} ${unitWord(`BMTOOL_SPOOL_DIR=${spool}`)}
AmbientCapabilities=${capabilities}
CapabilityBoundingSet=${capabilities}
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths=${[...new Set([stateFolder, unitWord(spool)])].join(' ')}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictAddressFamilies=${families}
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target
`;
}

/** A word as systemd reads it: quoted where it must be, with its `%` and `$` meaning nothing. */
function unitWord(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\]/.test(plain) ? `"${plain.replaceAll(/["\\]/g, '\\$&')}"` : plain;
}

export const sysusersText = `# Made by "bmtool dhcp install". The user of bmtool's services, and the group of all who write to the spool.
u ${user} - "bmtool" ${stateFolder} /usr/sbin/nologin
`;

/**
 * The spool: its files belong to the group whoever makes them (setgid), and are nobody else's to read.
 *
 * @param dhcpd whether there is a user dhcpd, as Ubuntu's server is: it drops all groups (setgroups(0) in dhcpd.c), so it is let in by name
 */
export function tmpfilesText(spool: string, dhcpd: boolean): string {
  const word = /[\s"]/.test(spool) ? JSON.stringify(spool) : spool;
  return [
    '# Made by "bmtool dhcp install".',
    `d ${stateFolder} 0751 ${user} ${user}`,
    `d ${word} 2770 ${user} ${user}`,
    ...(dhcpd ? [`a+ ${word} - - - - u:dhcpd:rwx,d:u:dhcpd:rwx`] : []),
    '',
  ].join('\n');
}

export const keaDropInText = `# Made by "bmtool dhcp install --server kea". Lets Kea's hook write to bmtool's spool. For a unit of another name
# (isc-kea-dhcp4-server, kea-dhcp4) this goes into that unit's folder.
[Service]
SupplementaryGroups=${user}
`;
