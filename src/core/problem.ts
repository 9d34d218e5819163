/**
 * Trouble with one thing among many: the others go on. What stops the whole run is a `Failure`.
 */
export type Problem = {
  /** Whether it kept something from being done. */
  severity: 'error' | 'warning';
  /** The thing it is about, by the name a person knows: a device's name, a serial, a setting. */
  subject: string;
  /** What is wrong. */
  message: string;
  /** What to do about it, where that is not obvious from the message. */
  next?: string;
};
