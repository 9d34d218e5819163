import type { Lease } from '../../core/lease.ts';
import { makerOf } from '../../core/vendor.ts';

/** What a client looks like that NetBox has no MAC of: `because` names every sign that says so. */
export type Signs = { readonly looks: 'bmc' | 'host' | 'nothing'; readonly because: string };

/**
 * Option 60 as BMCs and boot ROMs send it. A boot ROM is a host's, whatever else speaks for a BMC. Dell: iDRAC user guides; HPE: CPQRIB3, with the
 * model behind it on older iLOs; BlueField: NVIDIA infra-controller, vendor_class.rs. Supermicro, Lenovo, AMI and OpenBMC are not known to send one.
 */
const vendorClasses: readonly { readonly looks: 'bmc' | 'host'; readonly pattern: RegExp }[] = [
  { looks: 'host', pattern: /^(PXEClient|HTTPClient)\b/i },
  { looks: 'host', pattern: /^NVIDIA\/BF\/OOB/i },
  { looks: 'bmc', pattern: /^iDRAC\b/i },
  { looks: 'bmc', pattern: /^CPQRIB3\b/i },
  { looks: 'bmc', pattern: /^NVIDIA\/BF\/BMC/i },
];

/** Names that BMCs give themselves, with the serial inside. Kea hands them on in lower case. */
const hostnames: readonly { readonly maker: string; readonly pattern: RegExp }[] = [
  { maker: 'HPE', pattern: /^ilo(?<serial>[a-z0-9]{6,})$/i },
  { maker: 'Dell', pattern: /^idrac-(?<serial>[a-z0-9]{5,})$/i },
  { maker: 'Lenovo', pattern: /^xcc-[a-z0-9]{4,}-(?<serial>[a-z0-9]{5,})$/i },
];

/** Makers of servers whose blocks of addresses are worth a second look: their host NICs carry them too. */
const serverMakers: ReadonlySet<string> = new Set([
  'Dell',
  'HPE',
  'Lenovo',
  'Supermicro',
  'Inspur',
  'Gigabyte',
  'ASRock',
  'Quanta',
  'Fujitsu',
]);

export function signsOf(lease: Lease, organisation: string | undefined): Signs {
  const { vendorClass = '', hostname = '' } = lease;
  const known = vendorClasses.find(({ pattern }) => pattern.test(vendorClass));
  if (known?.looks === 'host') return { looks: 'host', because: `its vendor class is ${vendorClass}` };
  const name = hostnames.find(({ pattern }) => pattern.test(hostname));
  const maker = organisation === undefined ? undefined : makerOf(organisation);
  const because = [
    ...(known ? [`its vendor class is ${vendorClass}`] : []),
    ...(name ? [`its hostname is one that ${name.maker} gives its BMCs`] : []),
    ...(maker && serverMakers.has(maker) ? [`its address block is of ${organisation}`] : []),
  ];
  return { looks: because.length > 0 ? 'bmc' : 'nothing', because: because.join(', ') };
}

/** The serial in a hostname that a BMC gave itself: `ILOMXQ1111111` → `MXQ1111111`. */
export function serialIn(hostname: string | undefined): string | undefined {
  for (const { pattern } of hostnames) {
    const serial = pattern.exec(hostname ?? '')?.groups?.serial;
    if (serial !== undefined) return serial.toUpperCase();
  }
  return undefined;
}
