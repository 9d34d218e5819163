import { Failure } from '../core/failure.ts';

export type Question = {
  /** What is about to happen, as a question: "Undo 601 changes?" */
  readonly question: string;
  /** `--yes`: do not ask. */
  readonly yes: boolean;
};

/** Answers whether to go on. `false` is a person's no; a protected target without `--yes` throws. */
export type Confirm = (question: Question) => Promise<boolean>;

export type ConfirmOptions = {
  canAsk: boolean;
  protected: boolean;
  signal: AbortSignal;
  /** A line is asked and a line is read, instead of a prompt that is drawn. */
  plain?: Asked | undefined;
};

type Asked = { readonly from: NodeJS.ReadableStream; readonly to: NodeJS.WritableStream };

/**
 * On a terminal a person is asked. Without one nobody is, and the command does what it says (cron and scripts use
 * it), unless BMTOOL_PROTECTED is on.
 */
export function openConfirm({ canAsk, protected: isProtected, signal, plain }: ConfirmOptions): Confirm {
  return async ({ question, yes }) => {
    if (yes) return true;
    if (!canAsk) {
      if (!isProtected) return true;
      throw new Failure('This target is protected (BMTOOL_PROTECTED) and nobody can be asked', {
        exit: 4,
        next: 'Add --yes to do it all the same.',
      });
    }
    try {
      if (plain) return await askPlainly(question, plain, signal);
      const { confirm } = await import('@inquirer/prompts');
      return await confirm({ message: question, default: false }, { signal, output: process.stderr });
    } catch (error) {
      if (error instanceof Error && /Prompt|AbortError/.test(error.name))
        throw new Failure('Interrupted before anything was changed', { exit: 130 });
      throw error;
    }
  };
}

/** What is no yes is a no, and so is the end of what can be read. */
async function askPlainly(question: string, { from, to }: Asked, signal: AbortSignal): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: from, output: to, terminal: false });
  try {
    const ended = new Promise<string>(resolve => lines.once('close', () => resolve('')));
    const answer = await Promise.race([lines.question(`${question} Type yes or no: `, { signal }), ended]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    lines.close();
  }
}
