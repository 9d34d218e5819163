import { option } from '../../cli/arguments.ts';

/** Where leases are kept that are not only this machine's. */
export const via = option('what is in Redis, of all machines; without it what is on this machine', 'redis', ['redis']);
