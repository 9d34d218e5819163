import type { RedisConnection } from './connection.ts';
import { scripts } from './lease-scripts.ts';

export type Shipment = {
  /** Which spool it is from. */
  readonly spool: string;
  /** The name of this spool's last shipment, as far as its machine knows. */
  readonly before: string;
  readonly name: string;
  /** How far the spool was read behind it, as text. */
  readonly cursor: string;
  readonly entries: readonly { readonly text: string; readonly unreadable?: string }[];
};

/** Where the events of many machines arrive. */
export type Harbour = {
  /** Puts a shipment on the list, unless the one before is not the last that arrived; gives the last that arrived. */
  ship(shipment: Shipment): Promise<{ readonly name: string; readonly cursor: string }>;
};

export function openHarbour(connection: RedisConnection, key: string, clock: () => number): Harbour {
  return {
    async ship({ spool, before, name, cursor, entries }) {
      const at = new Date(clock()).toISOString();
      const events = entries.filter(({ unreadable }) => unreadable === undefined).map(({ text }) => text);
      const letters = entries.flatMap(({ text: entry, unreadable: reason }) =>
        reason === undefined ? [] : [{ at, reason, tries: 1, entry }],
      );
      const args = [spool, before, name, cursor, JSON.stringify(letters), JSON.stringify(events)];
      const arrived = await connection.ask(client => client.eval(scripts.ship, { keys: [key], arguments: args }));
      return JSON.parse(String(arrived)) as { name: string; cursor: string };
    },
  };
}
