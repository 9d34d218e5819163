/** What each recorded call becomes, in the words of `readingText`; calls without a moment are read at 1795300000. */
export const recorded: readonly (readonly [name: string, reading: string])[] = [
  [
    'dnsmasq#1',
    'granted/94:40:C9:01:02:0A/192.0.2.110/1795219098 at 1795218978.942 dnsmasq hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:0a leaseSeconds=120',
  ],
  [
    'dnsmasq#2',
    'granted/94:40:C9:01:02:0A/192.0.2.110/1795219098 at 1795218979.029 dnsmasq hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:0a leaseSeconds=120',
  ],
  ['dnsmasq#3', 'granted/94:40:C9:01:02:0C/192.0.2.112/1795219102 at 1795218982.113 dnsmasq leaseSeconds=120'],
  [
    'dnsmasq#4',
    'granted/94:40:C9:01:02:0E/192.0.2.114/1795219105 at 1795218985.181 dnsmasq hostname=a;$(touch /tmp/pwn) "q" \\b clientId=01:94:40:c9:01:02:0e leaseSeconds=120',
  ],
  [
    'dnsmasq#5',
    'granted/94:40:C9:01:02:0A/192.0.2.110/1795219105 at 1795218985.209 dnsmasq hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:0a leaseSeconds=120',
  ],
  [
    'dnsmasq#6',
    'released/94:40:C9:01:02:0A/192.0.2.110/1795219105 at 1795218989.204 dnsmasq hostname=ILOMXQ1111111 clientId=01:94:40:c9:01:02:0a',
  ],
  ['dnsmasq#7', 'granted/94:40:C9:01:02:0C/192.0.2.112/1795219102 at 1795218989.24 dnsmasq leaseSeconds=113'],
  ['dnsmasq#8', 'granted/94:40:C9:01:02:0C/192.0.2.112/1795219102 at 1795218989.272 dnsmasq leaseSeconds=113'],
  [
    'dnsmasq#9',
    'granted/94:40:C9:01:02:0E/192.0.2.114/1795219105 at 1795218989.304 dnsmasq clientId=01:94:40:c9:01:02:0e leaseSeconds=116',
  ],
  ['dnsmasq#10', 'granted/94:40:C9:01:02:0C/192.0.2.112/1795219110 at 1795218990.785 dnsmasq leaseSeconds=120'],
  ['dnsmasq#11', 'granted/94:40:C9:01:02:0C/192.0.2.112/1795219110 at 1795218990.822 dnsmasq leaseSeconds=120'],
  [
    'dnsmasq#12',
    'granted/94:40:C9:01:02:0E/192.0.2.114/1795219105 at 1795218990.858 dnsmasq clientId=01:94:40:c9:01:02:0e leaseSeconds=115',
  ],
  [
    'dnsmasq/01-add',
    'granted/94:40:C9:00:00:01/192.0.2.111/1795236229 at 1795300000 dnsmasq hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:00:00:01 leaseSeconds=120',
  ],
  [
    'dnsmasq/02-old',
    'granted/94:40:C9:00:00:01/192.0.2.111/1795236231 at 1795300000 dnsmasq hostname=ILOMXQ1111111 clientId=01:94:40:c9:00:00:01 leaseSeconds=120',
  ],
  [
    'dnsmasq/03-del',
    'expired/94:40:C9:00:00:01/192.0.2.111/1795236231 at 1795236231 dnsmasq hostname=ILOMXQ1111111 clientId=01:94:40:c9:00:00:01',
  ],
  [
    'dnsmasq/04-add',
    'granted/94:40:C9:00:00:02/192.0.2.112/1795236234 at 1795300000 dnsmasq hostname=idrac-F54P1G3 vendorClass=iDRAC leaseSeconds=120',
  ],
  [
    'dnsmasq/05-add',
    'granted/94:40:C9:00:00:03/198.51.100.113/1795236235 at 1795300000 dnsmasq hostname=XCC-7Z23-J101RZ43 vendorClass=PXEClient clientId=01:94:40:c9:00:00:03 relay=198.51.100.1 circuitId=dn0 leaseSeconds=120',
  ],
  ['dnsmasq/06-del', 'expired/94:40:C9:00:00:02/192.0.2.112/1795236234 at 1795236234 dnsmasq hostname=idrac-F54P1G3'],
  [
    'dnsmasq/07-del',
    'expired/94:40:C9:00:00:03/198.51.100.113/1795236235 at 1795236235 dnsmasq hostname=XCC-7Z23-J101RZ43 clientId=01:94:40:c9:00:00:03 relay=198.51.100.1',
  ],
  [
    'isc-dhcpd/01-commit',
    'granted/94:40:C9:00:00:01/192.0.2.100/1795300060 at 1795300000 isc hostname=ILOMXQ1111111 vendorClass=CPQRIB3 leaseSeconds=60',
  ],
  [
    'isc-dhcpd/02-commit',
    'granted/94:40:C9:00:00:01/192.0.2.100/1795300060 at 1795300000 isc hostname=ILOMXQ1111111 vendorClass=CPQRIB3 leaseSeconds=60',
  ],
  ['isc-dhcpd/03-release', 'released/94:40:C9:00:00:01/192.0.2.100/1795300000 at 1795300000 isc'],
  [
    'isc-dhcpd/04-commit',
    'granted/94:40:C9:00:00:02/192.0.2.101/1795300060 at 1795300000 isc hostname=idrac-F54P1G3 vendorClass=iDRAC leaseSeconds=60',
  ],
  [
    'isc-dhcpd/05-commit',
    'granted/94:40:C9:00:00:03/198.51.100.100/1795300060 at 1795300000 isc hostname=XCC-7Z23-J101RZ43 vendorClass=PXEClient relay=198.51.100.1 circuitId=dn0 leaseSeconds=60',
  ],
  ['isc-dhcpd/06-expiry', 'expired/94:40:C9:00:00:02/192.0.2.101/1795300000 at 1795300000 isc'],
  ['isc-dhcpd/07-expiry', 'expired/94:40:C9:00:00:03/198.51.100.100/1795300000 at 1795300000 isc'],
  [
    'isc-dora-renew-release#1',
    'granted/94:40:C9:01:02:0A/192.0.2.100/1795218965 at 1795218945.264 isc hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:0a leaseSeconds=20',
  ],
  [
    'isc-dora-renew-release#2',
    'granted/94:40:C9:01:02:0A/192.0.2.100/1795218975 at 1795218955.68 isc hostname=ILOMXQ1111111 vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:0a leaseSeconds=20',
  ],
  ['isc-dora-renew-release#3', 'released/94:40:C9:01:02:0A/192.0.2.100/1795218961 at 1795218961.258 isc'],
  [
    'isc-relayed#1',
    'granted/D0:94:66:0A:0B:0C/198.51.100.100/1795219022 at 1795219022.273 isc hostname=idrac-ABC1234 relay=198.51.100.1 circuitId=rk0',
  ],
  [
    'isc-relayed#2',
    'granted/D0:94:66:0A:0B:0C/198.51.100.100/1795219034 at 1795219034.049 isc hostname=idrac-ABC1234 circuitId=rk0',
  ],
  [
    'isc-relayed#3',
    'granted/D0:94:66:0A:0B:0C/198.51.100.100/1795219034 at 1795219034.078 isc hostname=idrac-ABC1234 relay=198.51.100.1 circuitId=rk0',
  ],
  ['isc-slow-bare#1', 'unreadable: no DHCP server begins a call with "after-sleep"'],
  ['isc-slow-bare#2', 'unreadable: no DHCP server begins a call with "bare"'],
  ['isc-slow-bare#3', 'unreadable: no DHCP server begins a call with "after-sleep"'],
  [
    'isc-variants#1',
    'granted/94:40:C9:01:02:F0/192.0.2.50/1795218984 at 1795218964.372 isc hostname=ILOCLIENT vendorClass=CPQRIB3 clientId=01:94:40:c9:01:02:f0 leaseSeconds=20',
  ],
  ['isc-variants#2', 'granted/94:40:C9:01:02:0C/192.0.2.100/1795218984 at 1795218964.469 isc leaseSeconds=20'],
  [
    'isc-variants#3',
    'granted/D0:94:66:01:02:0D/192.0.2.101/1795218984 at 1795218964.614 isc hostname=idrac-ABC1234 vendorClass=iDRAC clientId=01:d0:94:66:01:02:0d leaseSeconds=20',
  ],
  [
    'isc-variants#4',
    'granted/94:40:C9:01:02:0E/192.0.2.102/1795218984 at 1795218964.746 isc hostname=a;$(touch /tmp/pwn) "q" \\b clientId=01:94:40:c9:01:02:0e leaseSeconds=20',
  ],
  [
    'isc-variants#5',
    'granted/94:40:C9:01:02:0F/192.0.2.103/1795218984 at 1795218964.844 isc hostname=ILO����é clientId=01:94:40:c9:01:02:0f leaseSeconds=20',
  ],
  [
    'isc-variants#6',
    'granted/94:40:C9:01:02:10/192.0.2.104/1795218984 at 1795218964.979 isc clientId=01:94:40:c9:01:02:10 leaseSeconds=20',
  ],
  [
    'isc-variants#7',
    'granted/94:40:C9:01:02:13/192.0.2.105/1795218985 at 1795218965.278 isc hostname=duidhost clientId=ff:01:02:03:0a:00:01:00:01:2a:3b:4c:5d:94:40:c9:01:02:13 leaseSeconds=20',
  ],
  [
    'isc-variants#8',
    'granted/D0:94:66:01:02:0D/192.0.2.101/1795218985 at 1795218965.405 isc hostname=idrac-ABC1234 vendorClass=iDRAC clientId=01:d0:94:66:01:02:0d leaseSeconds=20',
  ],
  [
    'kea-run_script#1',
    'granted/94:40:C9:01:02:0A/192.0.2.100/1795218898 at 1795218878 kea hostname=ilomxq1111111 clientId=01:94:40:c9:01:02:0a leaseSeconds=20',
  ],
  [
    'kea-run_script#2',
    'granted/94:40:C9:01:02:0A/192.0.2.100/1795218903 at 1795218883 kea hostname=ilomxq1111111 clientId=01:94:40:c9:01:02:0a leaseSeconds=20',
  ],
  [
    'kea-run_script#3',
    'granted/94:40:C9:01:02:0A/192.0.2.100/1795218903 at 1795218883 kea hostname=ilomxq1111111 clientId=01:94:40:c9:01:02:0a leaseSeconds=20',
  ],
  [
    'kea-run_script#4',
    'released/94:40:C9:01:02:0A/192.0.2.100/1795218903 at 1795218888.911 kea hostname=ilomxq1111111 clientId=01:94:40:c9:01:02:0a',
  ],
  [
    'kea-run_script#5',
    'released/94:40:C9:01:02:0A/192.0.2.100/1795218903 at 1795218888.918 kea hostname=ilomxq1111111 clientId=01:94:40:c9:01:02:0a',
  ],
  ['kea-run_script#6', 'granted/94:40:C9:01:02:0C/192.0.2.101/1795218908 at 1795218888 kea leaseSeconds=20'],
  [
    'kea-run_script#7',
    'granted/D0:94:66:01:02:0D/192.0.2.102/1795218909 at 1795218889 kea hostname=idrac-abc1234 clientId=01:d0:94:66:01:02:0d leaseSeconds=20',
  ],
  [
    'kea-run_script#8',
    'granted/94:40:C9:01:02:0E/192.0.2.103/1795218909 at 1795218889 kea hostname=atouchtmppwnqb clientId=01:94:40:c9:01:02:0e leaseSeconds=20',
  ],
  [
    'kea-run_script#9',
    'granted/94:40:C9:01:02:0F/192.0.2.104/1795218909 at 1795218889 kea hostname=ilo clientId=01:94:40:c9:01:02:0f leaseSeconds=20',
  ],
  ['kea-run_script#10', 'expired/94:40:C9:01:02:0C/192.0.2.101/1795218908 at 1795218908 kea'],
  [
    'kea-run_script#11',
    'expired/94:40:C9:01:02:0E/192.0.2.103/1795218909 at 1795218909 kea hostname=atouchtmppwnqb clientId=01:94:40:c9:01:02:0e',
  ],
  [
    'kea-run_script#12',
    'expired/D0:94:66:01:02:0D/192.0.2.102/1795218909 at 1795218909 kea hostname=idrac-abc1234 clientId=01:d0:94:66:01:02:0d',
  ],
  [
    'kea-run_script#13',
    'expired/94:40:C9:01:02:0F/192.0.2.104/1795218909 at 1795218909 kea hostname=ilo clientId=01:94:40:c9:01:02:0f',
  ],
  [
    'kea22/01-leases4_committed',
    'granted/94:40:C9:00:00:01/192.0.2.100/1795236558 at 1795236528 kea hostname=ilomxq1111111 clientId=01:94:40:c9:00:00:01 leaseSeconds=30',
  ],
  [
    'kea22/02-lease4_renew',
    'granted/94:40:C9:00:00:01/192.0.2.100/1795236560 at 1795236530 kea hostname=ilomxq1111111 clientId=01:94:40:c9:00:00:01 leaseSeconds=30',
  ],
  [
    'kea22/03-leases4_committed',
    'granted/94:40:C9:00:00:01/192.0.2.100/1795236560 at 1795236530 kea hostname=ilomxq1111111 clientId=01:94:40:c9:00:00:01 leaseSeconds=30',
  ],
  [
    'kea22/04-leases4_committed',
    'released/94:40:C9:00:00:01/192.0.2.100/1795236560 at 1795300000 kea hostname=ilomxq1111111 clientId=01:94:40:c9:00:00:01',
  ],
  [
    'kea22/05-lease4_release',
    'released/94:40:C9:00:00:01/192.0.2.100/1795236560 at 1795300000 kea hostname=ilomxq1111111 clientId=01:94:40:c9:00:00:01',
  ],
  [
    'kea22/06-leases4_committed',
    'granted/94:40:C9:00:00:02/192.0.2.101/1795236564 at 1795236534 kea hostname=idrac-f54p1g3 leaseSeconds=30',
  ],
  [
    'kea22/07-leases4_committed',
    'granted/94:40:C9:00:00:03/198.51.100.100/1795236564 at 1795236534 kea hostname=xcc-7z23-j101rz43 clientId=01:94:40:c9:00:00:03 relay=198.51.100.1 circuitId=dn0 leaseSeconds=30',
  ],
  [
    'kea22/08-lease4_expire',
    'expired/94:40:C9:00:00:02/192.0.2.101/1795236564 at 1795236564 kea hostname=idrac-f54p1g3',
  ],
  [
    'kea22/09-lease4_expire',
    'expired/94:40:C9:00:00:03/198.51.100.100/1795236564 at 1795236564 kea hostname=xcc-7z23-j101rz43 clientId=01:94:40:c9:00:00:03',
  ],
];
