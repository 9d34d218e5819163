/** One line of the doctor: what was looked at, how it is, and what to do about it. */
export type Check = {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly message: string;
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
