import {
  dnsmasqFragment,
  dnsmasqPath,
  iscFragment,
  iscPath,
  keaDropInPath,
  keaFragment,
  keaPath,
} from './fragments.ts';
import type { InstallCheck, InstallFile, InstallPlan, InstallServer, Site, Step } from './install-plan.ts';
import { stubPath, stubText } from './stub.ts';
import { keaDropInText, tapUnit } from './units.ts';

/** What each server takes of its own. */
export const serverParts: Readonly<Record<InstallServer, (site: Site) => InstallPlan>> = {
  isc: site => ({
    files: [
      stub(site),
      { path: iscPath, mode: 0o644, text: iscFragment(stubPath), says: 'for dhcpd.conf to include' },
      {
        path: '/etc/apparmor.d/dhcpd.d/bmtool',
        mode: 0o644,
        text: `# Made by "bmtool dhcp install". Lets dhcpd run the hook, outside of dhcpd's own confinement.\n${stubPath} Ux,\n`,
        says: 'for AppArmor, where it is on',
      },
    ],
    steps: [
      { says: 'Add this line to /etc/dhcp/dhcpd.conf, outside of all braces:', commands: [`include "${iscPath}";`] },
      ...apparmor('usr.sbin.dhcpd'),
      {
        says: 'Check and restart dhcpd:',
        commands: ['dhcpd -t -4 -cf /etc/dhcp/dhcpd.conf', 'systemctl restart isc-dhcp-server'],
      },
    ],
    checks: [
      stubCheck(site),
      {
        what: iscPath,
        program: 'dhcpd',
        wish: folder => ({
          files: {
            'bmtool-hook.conf': iscFragment(stubPath),
            'dhcpd.conf': `include "${folder}/bmtool-hook.conf";\nsubnet 192.0.2.0 netmask 255.255.255.0 { }\n`,
          },
          args: ['-t', '-4', '-cf', `${folder}/dhcpd.conf`],
        }),
      },
    ],
  }),
  kea: site => ({
    files: [
      stub(site),
      {
        path: keaPath,
        mode: 0o644,
        text: keaFragment(stubPath, site.keaLibrary),
        says: 'for kea-dhcp4.conf to include',
      },
      { path: keaDropInPath, mode: 0o644, text: keaDropInText, says: 'lets Kea write to the spool' },
    ],
    steps: [
      {
        says: 'Add this to "Dhcp4" in /etc/kea/kea-dhcp4.conf, or its <?include?> to the hooks that are there:',
        commands: [`"hooks-libraries": [ <?include "${keaPath}"?> ],`],
      },
      {
        says: "Where AppArmor is on: Kea's profile includes no local file, so this line goes into /etc/apparmor.d/usr.sbin.kea-dhcp4 itself, before its last brace; then it is loaded:",
        commands: [`${stubPath} Ux,`, 'apparmor_parser -r /etc/apparmor.d/usr.sbin.kea-dhcp4'],
      },
      {
        says: 'Check and restart Kea:',
        commands: [
          'kea-dhcp4 -t /etc/kea/kea-dhcp4.conf',
          'systemctl daemon-reload',
          'systemctl restart kea-dhcp4-server',
        ],
      },
    ],
    checks: [
      stubCheck(site),
      {
        what: keaPath,
        program: 'kea-dhcp4',
        // Kea opens the library; 2.2 does not look at the script before it starts, later ones may.
        wish: folder => ({
          files: {
            'dhcp-hook': stubText(site.spool),
            'bmtool-hook.json': keaFragment(`${folder}/dhcp-hook`, site.keaLibrary),
            'kea.json': `{ "Dhcp4": { "interfaces-config": { "interfaces": [] }, "lease-database": { "type": "memfile", "persist": false },
  "hooks-libraries": [ <?include "${folder}/bmtool-hook.json"?> ], "subnet4": [] } }\n`,
          },
          args: ['-t', `${folder}/kea.json`],
        }),
      },
    ],
  }),
  dnsmasq: site => ({
    files: [
      stub(site),
      { path: dnsmasqPath, mode: 0o644, text: dnsmasqFragment(stubPath), says: 'for dnsmasq.conf to include' },
    ],
    steps: [
      {
        says: "Where dnsmasq does not read /etc/dnsmasq.d by itself (Debian's does), add this line to dnsmasq.conf:",
        commands: [`conf-file=${dnsmasqPath}`],
      },
      {
        says: 'Where dnsmasq has an AppArmor profile, add this line to /etc/apparmor.d/local/usr.sbin.dnsmasq and load it:',
        commands: [`${stubPath} Ux,`, 'apparmor_parser -r /etc/apparmor.d/usr.sbin.dnsmasq'],
      },
      { says: 'Check and restart dnsmasq:', commands: ['dnsmasq --test', 'systemctl restart dnsmasq'] },
    ],
    checks: [
      stubCheck(site),
      {
        what: dnsmasqPath,
        program: 'dnsmasq',
        wish: folder => ({
          files: { 'dnsmasq.conf': dnsmasqFragment(stubPath) },
          args: ['--test', `--conf-file=${folder}/dnsmasq.conf`],
        }),
      },
    ],
  }),
  tap: site => ({
    files: [
      {
        path: '/etc/systemd/system/bmtool-dhcp-tap@.service',
        mode: 0o644,
        text: tapUnit(site),
        says: 'captures on an interface, as a user who may do nothing else',
      },
    ],
    steps: [{ says: 'The tap captures with tcpdump:', commands: ['apt-get install tcpdump'] }],
    checks: [],
  }),
};

function stub(site: Site): InstallFile {
  return { path: stubPath, mode: 0o755, text: stubText(site.spool), says: 'the hook' };
}

function stubCheck(site: Site): InstallCheck {
  return {
    what: stubPath,
    program: 'sh',
    wish: folder => ({ files: { 'dhcp-hook': stubText(site.spool) }, args: ['-n', `${folder}/dhcp-hook`] }),
  };
}

function apparmor(profile: string): Step[] {
  return [
    {
      says: "Where AppArmor is on, load dhcpd's profile anew:",
      commands: [`apparmor_parser -r /etc/apparmor.d/${profile}`],
    },
  ];
}
