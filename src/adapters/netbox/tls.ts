/** Why a secure connection does not come about, and what to do about it. */
export type TlsTrouble = { readonly why: string; readonly next: string };

const trust = 'Name the certificate of whoever signed it: NODE_EXTRA_CA_CERTS=/path/to/ca.pem';

/**
 * What OpenSSL and Node say no with, and what that means to a person. The first that fits counts.
 * https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const table: readonly (readonly [RegExp, why: string, next: string])[] = [
  [
    /^CERT_HAS_EXPIRED$/,
    'its certificate has expired',
    'Have it renewed. Should it still be good, set the clock of this machine.',
  ],
  [
    /^CERT_NOT_YET_VALID$/,
    'its certificate is not valid yet',
    'Set the clock of this machine, or have a certificate made that is valid now.',
  ],
  [/^CERT_REVOKED$/, 'its certificate was revoked', 'Have a new one made.'],
  [/^(DEPTH_ZERO_)?SELF_SIGNED_CERT/, 'its certificate is self-signed, or comes from a CA of your own', trust],
  [
    /^(UNABLE_TO_|CERT_UNTRUSTED|CERT_SIGNATURE|INVALID_CA)/,
    'its certificate was signed by nobody whom this machine trusts',
    `${trust} (an intermediate one that the server does not send is wanted, too).`,
  ],
  [
    /^ERR_TLS_CERT_ALTNAME/,
    'its certificate is not for this name',
    'Set NETBOX_URL to a name that the certificate has.',
  ],
  [
    /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST|EPROTO)$/,
    'what answers there does not speak https',
    'Check NETBOX_URL: http:// in place of https://, or another port.',
  ],
];

/** Nothing where it is not about TLS. The code stays in the words: it is what people search for. */
export function tlsTrouble(code: string, host: string): TlsTrouble | undefined {
  const row = table.find(([pattern]) => pattern.test(code));
  if (row !== undefined) return { why: `${row[1].replace('this name', host)} (${code})`, next: row[2] };
  if (!/CERT|ERR_TLS|ERR_SSL/.test(code)) return undefined;
  return { why: `no secure connection (${code})`, next: `curl -v shows more of it. ${trust}` };
}
