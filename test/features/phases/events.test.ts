import { expect, test } from 'vitest';
import { eventsAbout } from '../../../src/features/phases/events.ts';

const names = { words: ['srv-1', 'SN0001'], macs: ['94:40:C9:00:00:01'] };

test.each([
  ['its MAC address', { mac: '94:40:C9:00:00:01' }],
  ['its MAC address in another notation', { chaddr: '9440.c900.0001' }],
  ['its MAC address, deep inside', { specversion: '1.0', data: { lease: [{ hw: '94-40-c9-00-00-01' }] } }],
  ['its serial', { serial: 'sn0001' }],
  ['its name', { device: 'srv-1' }],
])('an event with %s is about the server', (_, event) => {
  const entry = JSON.stringify(event);
  expect(eventsAbout([entry], names)).toEqual([entry]);
});

test.each([
  ['another server', '{"mac":"94:40:C9:00:00:02","device":"srv-10"}'],
  ['a text in which the name is a part', '{"note":"srv-1 is down"}'],
  ['a name of a field', '{"srv-1":1}'],
  ['no JSON', 'srv-1'],
  ['bytes', 'base64:/w=='],
])('%s is not', (_, entry) => expect(eventsAbout([entry], names)).toEqual([]));
