import { Failure } from '../core/failure.ts';
import type { Ask } from './ask.ts';

export type Question = {
  /** What is about to happen, as a question: "Undo 601 changes?" */
  readonly question: string;
  /** `--yes`: do not ask. */
  readonly yes: boolean;
};

/** Answers whether to go on. `false` is a person's no; a protected target without `--yes` throws. */
export type Confirm = (question: Question) => Promise<boolean>;

export type ConfirmOptions = { readonly ask: Pick<Ask, 'canAsk' | 'yesNo'>; readonly protected: boolean };

/**
 * On a terminal a person is asked. Without one nobody is, and the command does what it says (cron and scripts use
 * it), unless BMTOOL_PROTECTED is on.
 */
export function openConfirm({ ask, protected: isProtected }: ConfirmOptions): Confirm {
  return async ({ question, yes }) => {
    if (yes) return true;
    if (ask.canAsk) return ask.yesNo(question);
    if (!isProtected) return true;
    throw new Failure('target-protected', 'This target is protected (BMTOOL_PROTECTED) and nobody can be asked', {
      next: 'Add --yes to do it all the same.',
    });
  };
}
