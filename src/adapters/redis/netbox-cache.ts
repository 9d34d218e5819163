import type { RedisConnection } from './connection.ts';

/** NetBox's cache (`REDIS['caching']`), in which it keeps what it read from its database. */
export type NetBoxCache = {
  readonly where: string;
  /** Removes what describes a database that is no longer NetBox's, and gives how many keys that were. NetBox reads it anew. */
  forget(): Promise<number>;
};

/**
 * The configuration never expires in the cache, and the database is asked only when it is missing (netbox/config); the API's schema is kept for a day.
 * What else is cached there (releases, feeds) comes from outside. `:1:` is Django's own prefix with its version.
 */
const lasting = [':1:config', ':1:config_version'];
const pages = ':1:views.decorators.cache.*';

export function openNetBoxCache(connection: RedisConnection): NetBoxCache {
  return {
    where: connection.where,
    forget: () =>
      connection.ask(async client => {
        const keys = [...lasting];
        for await (const found of client.scanIterator({ MATCH: pages, COUNT: 1000 })) keys.push(...found);
        return client.unlink(keys);
      }),
  };
}
