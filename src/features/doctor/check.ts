/** One line of the doctor: what was looked at, how it is, and what to do about it. */
export type Check = {
  /** What was looked at. */
  readonly name: string;
  /** How it is. */
  readonly state: 'ok' | 'warn' | 'fail';
  /** What was found. */
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
};

export function ok(name: string, message: string): Check {
  return { name, state: 'ok', message };
}

export function warn(name: string, message: string, fix: string): Check {
  return { name, state: 'warn', message, fix };
}

export function fail(name: string, message: string, fix: string): Check {
  return { name, state: 'fail', message, fix };
}
