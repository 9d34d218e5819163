import { expect, it } from 'vitest';
import { tcpdumpFailure } from '../../../src/adapters/capture/tcpdump-failure.ts';

const counts = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
const listening = 'tcpdump: listening on ens3, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n';

/** As tcpdump 4.99.3 said it here, and 4.9 with libpcap 1.8 and 1.10.4 in their sources. */
it.each([
  ['tcpdump: ens3: No such device exists\n(No such device exists)\n', 2, /^There is no interface ens3/],
  ['tcpdump: ens3: No such device exists\n(SIOCGIFHWADDR: No such device)\n', 2, /^There is no interface ens3/],
  [
    "tcpdump: ens3: You don't have permission to perform this capture on that device\n(socket: Operation not permitted)\n",
    4,
    /^Not allowed to listen on ens3/,
  ],
  [
    "tcpdump: ens3: You don't have permission to capture on that device\n(Attempt to create packet socket failed - CAP_NET_RAW may be required)\n",
    4,
    /^Not allowed to listen on ens3/,
  ],
  [
    "tcpdump: Couldn't change to 'tcpdump' uid=102 gid=105: Operation not permitted\n",
    4,
    /^tcpdump may not give up root's rights/,
  ],
  ['EACCES spawn tcpdump EACCES', 4, /^Not allowed to listen on ens3/],
  ['ENOENT spawn tcpdump ENOENT', 1, /^tcpdump is not installed$/],
  [`${listening}tcpdump: pcap_loop: The interface disappeared\n${counts}`, 5, /is down or has disappeared$/],
  ['tcpdump: ens3: That device is not up\n', 5, /is down or has disappeared$/],
  [`${listening}${counts}`, 1, /^tcpdump has ended: it does not say why$/],
  ["tcpdump: unrecognized option '--immediate-mode'\n", 1, /^tcpdump has ended: tcpdump: unrecognized option/],
])('%s', (talk, exit, what) => {
  const failure = tcpdumpFailure('ens3', talk);
  expect(failure.message).toMatch(what);
  expect(failure.exit).toBe(exit);
  expect(failure.next).toMatch(/\.$|port 67$/);
});
