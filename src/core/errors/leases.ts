import type { ErrorTable } from './entry.ts';

/** BM-6xx: leases: lease files, the spool, DHCP servers, the tap. Codes are never reused nor renumbered (see errors.ts). */
export const leaseErrors = {
  'not-a-lease-file': {
    code: 'BM-601',
    exit: 2,
    title: 'No lease file that can be followed',
    says: `
      Followed are the files in which dhcpd, Kea (memfile) and dnsmasq keep their IPv4 leases. This one is of IPv6 leases, of a
      DHCP client, or something else; or it is not there, or empty, so that it does not tell whose it is. Check the path in the
      configuration of the DHCP server. Where the server has given no lease yet, or where bmtool errs, say whose file it is.

        bmtool dhcp follow /var/lib/dhcp/dhcpd.leases
        bmtool dhcp follow /var/lib/kea/kea-leases4.csv --format kea`,
  },
  'lease-file-denied': {
    code: 'BM-602',
    exit: 2,
    title: 'The lease file may not be read',
    says: `
      The user has no right to read the file, or to enter one of the folders above it. Kea writes its
      file for its own user and group alone. Run bmtool in that group, or as that user.

        ls -l /var/lib/kea
        sudo -u _kea bmtool dhcp follow /var/lib/kea/kea-leases4.csv`,
  },
  'lease-file-too-large': {
    code: 'BM-603',
    exit: 2,
    title: 'The lease file has too many addresses',
    says: `
      bmtool holds what was told of each address in memory, up to a million of them. A file with more is hardly that of one
      DHCP server: a collection, an archive, or the addresses of clients that are no servers. Name the file of the server
      that serves the BMC network.`,
  },
  'diary-unwritable': {
    code: 'BM-604',
    exit: 1,
    title: 'What was told of a lease file cannot be noted',
    says: `
      While bmtool follows a lease file it notes in BMTOOL_STATE_DIR what it has told, so that it goes on there after a
      restart. That cannot be written: a full disk, a folder that is not writable. What was told since will be told again,
      which harms nothing. Make room, then start it again.

        df -h /var/lib/bmtool`,
  },
  'spool-unwritable': {
    code: 'BM-605',
    exit: 1,
    title: 'The spool cannot be written',
    says: `
      Lease events wait for the worker in files in the spool (BMTOOL_SPOOL_DIR). This user cannot write there, or the disk is
      full. What was written before is kept; events that come meanwhile are lost to this way in. Make room, or put the user
      into the group that the folder belongs to.

        ls -ld /var/lib/bmtool/spool
        df -h /var/lib/bmtool/spool
        bmtool dhcp spool`,
  },
  'spool-taken': {
    code: 'BM-606',
    exit: 1,
    title: 'Another worker is at this spool',
    says: `
      One worker works off a spool, so that two never decide about one lease. It is at work already, as a service mostly, and
      there is nothing to be done. To see how far it is, look at what waits. For several workers on several machines there
      is the way through Redis.

        bmtool dhcp spool
        systemctl status bmtool-dhcp-worker
        bmtool dhcp worker --via redis`,
  },
  'no-such-dead-letter': {
    code: 'BM-607',
    exit: 2,
    title: 'There is no such dead letter',
    says: `
      No lease event with this id has failed for good: it was retried or dropped by somebody else, or it is in the other
      place (this machine's spool, or Redis).

        bmtool dhcp dead list
        bmtool dhcp dead list --via redis`,
  },
  'server-configuration-refused': {
    code: 'BM-610',
    exit: 1,
    title: 'A program refuses what bmtool would write for it',
    says: `
      Before it writes anything bmtool lets the DHCP server (or systemd, or AppArmor's parser) check the new files. It refuses
      one of them, in the words below the message; nothing was written. Mostly the configuration that is there has an error
      of its own: check that first, without bmtool's part.

        dhcpd -t -cf /etc/dhcp/dhcpd.conf
        kea-dhcp4 -t /etc/kea/kea-dhcp4.conf
        dnsmasq --test
        bmtool dhcp install --server kea     # shows what it would write`,
  },
  'server-files-denied': {
    code: 'BM-611',
    exit: 4,
    title: 'The files of the DHCP server take root',
    says: `
      Writing under /etc and reloading services takes root. See first what would be written, then do it as root.

        bmtool dhcp install --server kea --dry-run
        sudo bmtool dhcp install --server kea --write`,
  },
  'server-files-failed': {
    code: 'BM-612',
    exit: 1,
    title: 'A file of the DHCP server cannot be read or written',
    says: `
      The operating system says why: a file system that is mounted read-only, a full disk, a file that is protected
      (chattr +i), a folder where a file should be. Each file is written whole or not at all; run the same command again
      when that is mended.

        bmtool dhcp install --server kea --dry-run`,
  },
  'tcpdump-missing': {
    code: 'BM-620',
    exit: 1,
    title: 'tcpdump is not installed',
    says: `
      bmtool listens through tcpdump, which is on every distribution and knows how to give up root's rights. The name of the
      package is tcpdump.

        apt-get install tcpdump
        dnf install tcpdump`,
  },
  'tap-as-root': {
    code: 'BM-621',
    exit: 4,
    title: "tcpdump may not give up root's rights",
    says: `
      bmtool was started as a root that has CAP_NET_RAW and little else, as a service or a container may be. tcpdump then
      cannot become the user that it wants to be, and refuses to listen as root. Start it as another user with that one
      right, as the unit does that bmtool writes.

        bmtool dhcp install --server tap --interface ens3`,
  },
  'tap-not-allowed': {
    code: 'BM-622',
    exit: 4,
    title: 'Not allowed to listen',
    says: `
      Listening to packets takes root or the capability CAP_NET_RAW. In a service it is given with AmbientCapabilities=, in a
      container with --cap-add NET_RAW; under AppArmor or SELinux a profile may stand in the way all the same.

        sudo bmtool dhcp tap --interface ens3
        bmtool dhcp install --server tap --interface ens3`,
  },
  'no-such-interface': {
    code: 'BM-623',
    exit: 2,
    title: 'There is no such interface',
    says: `
      This machine has no network interface of that name; the message lists those that it has. In a container there are only
      its own. Names change with the slot of a card, and a VLAN has one of its own (ens3.20).

        ip -brief link`,
  },
  'interface-down': {
    code: 'BM-624',
    exit: 5,
    title: 'The interface is down or has disappeared',
    says: `
      It was switched off, its driver was loaded anew, or a virtual one was removed. What was heard before is told. Bring it
      up and start again; a supervisor such as systemd does the second by itself.

        ip link set ens3 up
        bmtool dhcp tap --interface ens3`,
  },
  'tcpdump-ended': {
    code: 'BM-625',
    exit: 1,
    title: 'tcpdump has ended by itself',
    says: `
      It ended for a reason that bmtool does not know; its last words are in the message. See what it says without bmtool, on
      the same interface and as the same user.

        tcpdump -i ens3 -n port 67`,
  },
} as const satisfies ErrorTable;
