import type { LeaseEvent } from '../../core/lease.ts';
import { type FollowTools, type FollowWish, followFile } from './follow.ts';

/** The files in which DHCP servers write down who has which address. */
export type LeaseFiles = {
  /** Tells what is news in a lease file, and what comes, until it is interrupted. See `followFile`. */
  follow(wish: FollowWish): AsyncIterable<LeaseEvent>;
};

export function openLeaseFiles(tools: FollowTools): LeaseFiles {
  return { follow: wish => followFile(wish, tools) };
}
