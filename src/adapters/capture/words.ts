import type { Lease } from '../../core/lease.ts';
import { u32 } from './bytes.ts';
import { addressText, clientIdOf, field, hostnameOf, type Message, relayIdOf, vendorClassOf } from './dhcp.ts';

type Word = 'hostname' | 'vendorClass' | 'clientId' | 'relay' | 'circuitId' | 'remoteId';
export type Words = { -readonly [W in Word]?: Lease[W] & string };

type Reading = readonly [Word, (message: Message) => string | undefined];

/** What a client says of itself, and what the relay before it adds. */
const ofClient: readonly Reading[] = [
  ['hostname', hostnameOf],
  ['vendorClass', vendorClassOf],
  ['clientId', clientIdOf],
];
const ofRelay: readonly Reading[] = [
  ['relay', relayOf],
  ['circuitId', message => relayIdOf(message, 1)],
  ['remoteId', message => relayIdOf(message, 2)],
];

/**
 * The words about a client, each out of the first message that has it. The client's own name wins over the server's, which Kea writes in lower case. Of
 * the relay the server's answer tells; a renewal that a relay took up in passing is answered to the client, and only the question tells of the relay.
 *
 * @param own what the client sent, the latest first
 */
export function wordsOf(own: readonly Message[], answer: Message | undefined): Words {
  const words: Words = {};
  putWords(words, ofClient, answer ? [...own, answer] : own);
  putWords(words, ofRelay, answer ? [answer, ...own] : own);
  return words;
}

function putWords(words: Words, readings: readonly Reading[], messages: readonly Message[]): void {
  for (const [word, read] of readings) {
    for (const message of messages) {
      const value = read(message);
      if (value === undefined) continue;
      words[word] = value;
      break;
    }
  }
}

function relayOf({ bytes, at }: Message): string | undefined {
  const relay = u32(bytes, at + field.giaddr);
  return relay === 0 ? undefined : addressText(relay);
}
