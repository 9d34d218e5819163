/**
 * The ETag that NetBox gives an object whose JSON says this `last_updated`: `W/"<ISO with +00:00>"`.
 *
 * Lists carry no ETags, so they are built from list data. JSON prints `Z` when the server's TIME_ZONE is UTC and a local offset
 * otherwise; the ETag is always UTC (NetBox 4.6 `ETagMixin`). Python's isoformat leaves out the fraction only when the microseconds are 0.
 */
export function etagOf(lastUpdated: string): string {
  const { seconds, micros } = utcOf(lastUpdated);
  return `W/"${seconds}${micros === '000000' ? '' : `.${micros}`}+00:00"`;
}

/** Whether one timestamp of NetBox is later than another, to the microsecond and whatever their offsets. */
export function isLater(timestamp: string, than: string): boolean {
  const [a, b] = [utcOf(timestamp), utcOf(than)];
  return `${a.seconds}.${a.micros}` > `${b.seconds}.${b.micros}`;
}

function utcOf(timestamp: string): { seconds: string; micros: string } {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/.exec(timestamp);
  if (!found) throw new Error(`not a timestamp of NetBox: ${timestamp}`);
  const [, seconds = '', fraction = '', zone = 'Z'] = found;
  const utc = zone === 'Z' || zone === '+00:00' ? seconds : new Date(`${seconds}${zone}`).toISOString().slice(0, 19);
  return { seconds: utc, micros: fraction.slice(1).padEnd(6, '0').slice(0, 6) };
}
