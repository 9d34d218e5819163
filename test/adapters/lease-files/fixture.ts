import { readFileSync } from 'node:fs';

/** A recorded lease file, one character a byte. */
export function fixture(name: string): string {
  return readFileSync(new URL(`../../../fixtures/dhcp/leases/${name}`, import.meta.url), 'latin1');
}

export const keaHeader =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context';
