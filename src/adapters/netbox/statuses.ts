import type { Answer } from './answer.ts';
import type { Line } from './read.ts';

/** Asks which statuses devices may have. About this field alone: about all of a device's it takes NetBox 4.7 three times as long. */
export function askStatuses({ client, signal }: Line): Promise<Answer> {
  return client.send('OPTIONS', 'dcim/devices/', { query: [['fields', 'status']], signal });
}

/** The statuses in its answer (FIELD_CHOICES included); none to a token that may neither add nor change devices. */
export function statusesIn(body: unknown): string[] {
  type Action = { status?: { choices?: { value: string }[] } };
  const { actions } = (body ?? {}) as { actions?: Record<string, Action> };
  return ((actions?.POST ?? actions?.PUT)?.status?.choices ?? []).map(({ value }) => String(value));
}
