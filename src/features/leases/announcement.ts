import type { LeaseEvent } from '../../core/lease.ts';
import type { Announcement } from '../../core/lease-queue.ts';
import type { Decision } from './decide.ts';

const type = 'io.bmtool.device.discovered.v1';

/** What others are told when a lease made a device discovered: a CloudEvent 1.0 as JSON. */
export function announcementsOf(event: LeaseEvent, { act, facts, lease }: Decision): Announcement[] {
  const { device, ports } = facts;
  if (act !== 'discover' || device === undefined) return [];
  const told = {
    specversion: '1.0',
    type,
    source: event.source,
    id: `discovered/${event.id}`,
    time: event.time,
    subject: device.name,
    datacontenttype: 'application/json',
    dataschema: 'urn:bmtool:schema:device-discovered:v1',
    data: {
      device: device.name,
      deviceId: device.id,
      serial: device.serial,
      interface: ports[0]?.name ?? '',
      mac: lease.mac,
      address: lease.address,
    },
  };
  return [{ eventId: event.id, text: JSON.stringify(told) }];
}
