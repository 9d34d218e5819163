import { Failure } from '../core/failure.ts';

export type Choice<T> = { readonly name: string; readonly says?: string; readonly value: T };

/** Questions to a person, for those who would rather choose than type. Nobody is asked where no terminal is: look at `canAsk` first. */
export type Ask = {
  readonly canAsk: boolean;
  choose<T>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** `wrong` tells what is wrong with an answer; then it is asked again. */
  text(
    question: string,
    wish: { readonly initial?: string; readonly wrong?: (answer: string) => string | undefined },
  ): Promise<string>;
  /** What is typed is not shown. */
  secret(question: string): Promise<string>;
};

export type AskOptions = { readonly canAsk: boolean; readonly signal: AbortSignal };

/** Prompts are drawn on stderr: stdout is the result's. Ctrl-C ends the command with 130. */
export function openAsk({ canAsk, signal }: AskOptions): Ask {
  const context = { signal, output: process.stderr };
  return {
    canAsk,
    async choose(question, choices) {
      const { select } = await import('@inquirer/prompts');
      return untilInterrupted(() =>
        select(
          {
            message: question,
            choices: choices.map(({ name, says, value }) => ({ name, value, ...(says && { description: says }) })),
            pageSize: 12,
            loop: false,
          },
          context,
        ),
      );
    },
    async text(question, { initial, wrong }) {
      const { input } = await import('@inquirer/prompts');
      return untilInterrupted(() =>
        input(
          {
            message: question,
            validate: answer => wrong?.(answer.trim()) ?? true,
            ...(initial && { default: initial, prefill: 'editable' as const }),
          },
          context,
        ),
      );
    },
    async secret(question) {
      const { password } = await import('@inquirer/prompts');
      return untilInterrupted(() => password({ message: question, mask: '*' }, context));
    },
  };
}

/** What a person's Ctrl-C at a prompt means to the command. */
export async function untilInterrupted<T>(prompt: () => Promise<T>): Promise<T> {
  try {
    return await prompt();
  } catch (error) {
    if (error instanceof Error && /Prompt/.test(error.name))
      throw new Failure('interrupted', 'Interrupted before anything was changed');
    throw error;
  }
}
