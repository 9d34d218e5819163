import { Failure } from '../core/failure.ts';
import { type Asked, plainAsk } from './ask-plainly.ts';

export type Choice<T> = { readonly name: string; readonly says?: string; readonly value: T };

export type TextWish = {
  readonly initial?: string;
  /** What is wrong with an answer; then it is asked again. */
  readonly wrong?: (answer: string) => string | undefined;
};

/** How a person is asked. Ctrl-C ends the command with 130. */
export type Questions = {
  yesNo(question: string): Promise<boolean>;
  /** `likely` is where the cursor stands first. */
  choose<T>(question: string, choices: readonly Choice<T>[], likely?: T): Promise<T>;
  text(question: string, wish: TextWish): Promise<string>;
  /** What is typed is not shown. */
  secret(question: string): Promise<string>;
};

/** Questions to a person, for those who would rather choose than type. Nobody is asked where no terminal is: look at `canAsk` first. */
export type Ask = Questions & { readonly canAsk: boolean };

export type AskOptions = {
  readonly canAsk: boolean;
  readonly signal: AbortSignal;
  /** `--plain`: a line is asked and a line is read, instead of a prompt that is drawn. */
  readonly plain?: Asked | undefined;
};

export function openAsk({ canAsk, signal, plain }: AskOptions): Ask {
  const questions = plain ? plainAsk(plain, signal) : drawnAsk(signal);
  return {
    canAsk,
    yesNo: question => untilInterrupted(questions.yesNo(question)),
    choose: (question, choices, likely) => untilInterrupted(questions.choose(question, choices, likely)),
    text: (question, wish) => untilInterrupted(questions.text(question, wish)),
    // Only a prompt that is drawn can keep what is typed off the screen; it draws nothing but its question.
    secret: question => untilInterrupted(drawnAsk(signal).secret(question)),
  };
}

/** Prompts are drawn on stderr: stdout is the result's. */
function drawnAsk(signal: AbortSignal): Questions {
  const context = { signal, output: process.stderr };
  const prompts = () => import('@inquirer/prompts');
  return {
    yesNo: async message => (await prompts()).confirm({ message, default: false }, context),
    choose: async (message, choices, likely) =>
      (await prompts()).select(
        {
          message,
          choices: choices.map(({ name, says, value }) => ({ name, value, ...(says && { description: says }) })),
          pageSize: 12,
          loop: false,
          ...(likely !== undefined && { default: likely }),
        },
        context,
      ),
    text: async (message, { initial, wrong }) =>
      (await prompts()).input(
        {
          message,
          validate: answer => wrong?.(answer.trim()) ?? true,
          ...(initial && { default: initial, prefill: 'editable' as const }),
        },
        context,
      ),
    secret: async message => (await prompts()).password({ message }, context),
  };
}

/** What a person's Ctrl-C at a prompt means to the command. */
async function untilInterrupted<T>(prompt: Promise<T>): Promise<T> {
  try {
    return await prompt;
  } catch (error) {
    if (error instanceof Error && /Prompt|AbortError/.test(error.name))
      throw new Failure('interrupted', 'Interrupted before anything was changed');
    throw error;
  }
}
