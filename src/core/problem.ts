/**
 * Expected trouble with one thing among many, as a value: the others go on. What stops the whole run is a `Failure`.
 */
export type Problem = {
  severity: 'error' | 'warning';
  /** The thing it is about, by the name a person knows: a device's name, a serial, a setting. */
  subject: string;
  message: string;
  /** What to do about it, where that is not obvious from the message. */
  next?: string;
};
