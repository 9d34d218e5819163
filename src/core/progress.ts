/** One long step that a person watches. Exactly one of `done` and `fail` ends it. */
export type Step = {
  /**
   * Says how far it is; `total` may be unknown. `share` (0 to 1) is how much of the work that is, where things differ in
   * what they cost. Rate and time left are worked out by whoever draws it.
   */
  at(done: number, total?: number, share?: number): void;
  /** Replaces the text beside the step, for instance "waiting for NetBox". */
  say(text: string): void;
  /** Says what one of several things that go on side by side is at, counted from 0; without a text, that it is free. */
  lane(index: number, text: string | undefined): void;
  done(text?: string): void;
  fail(text?: string): void;
};

/** Talk on stderr: never part of a command's result. */
export type Progress = {
  step(text: string): Step;
  /** One line of talk that stays on the screen. */
  note(text: string): void;
};

/** For callers that nobody watches. */
export const silent: Progress = {
  step: () => ({ at: () => {}, say: () => {}, lane: () => {}, done: () => {}, fail: () => {} }),
  note: () => {},
};
