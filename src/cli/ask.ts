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
  /** The width of the terminal as it is now. */
  readonly columns: () => number;
  /** `--plain`: a line is asked and a line is read, instead of a prompt that is drawn. */
  readonly plain?: Asked | undefined;
};

export function openAsk({ canAsk, signal, columns, plain }: AskOptions): Ask {
  const drawn = drawnAsk(signal, columns);
  const questions = plain ? plainAsk(plain, signal) : drawn;
  return {
    canAsk,
    yesNo: question => untilInterrupted(questions.yesNo(question)),
    choose: (question, choices, likely) => untilInterrupted(questions.choose(question, choices, likely)),
    text: (question, wish) => untilInterrupted(questions.text(question, wish)),
    // Only a prompt that is drawn can keep what is typed off the screen; it draws nothing but its question.
    secret: question => untilInterrupted(drawn.secret(question)),
  };
}

/** `(y/N)`, with a blank before it and behind it, and the cursor. */
const hintWidth = 8;

/** Prompts are drawn on stderr: stdout is the result's. */
function drawnAsk(signal: AbortSignal, columns: () => number): Questions {
  const context = { signal, output: process.stderr };
  const load = async () => {
    const [prompts, { promptText }] = await Promise.all([import('@inquirer/prompts'), import('./prompt-text.ts')]);
    return { ...prompts, fitting: (text: string, behind?: number) => promptText(text, columns(), behind) };
  };
  return {
    async yesNo(question) {
      const { confirm, fitting } = await load();
      return confirm({ message: fitting(question, hintWidth), default: false }, context);
    },
    async choose(question, choices, likely) {
      const { select, fitting } = await load();
      const shown = choices.map(({ name, says, value }) => ({
        name: fitting(name),
        short: name,
        value,
        ...(says && { description: fitting(says) }),
      }));
      const wish = { pageSize: 12, loop: false, ...(likely !== undefined && { default: likely }) };
      return select({ message: fitting(question), choices: shown, ...wish }, context);
    },
    async text(question, { initial, wrong }) {
      const { input, fitting } = await load();
      const validate = (answer: string) => {
        const why = wrong?.(answer.trim());
        return why === undefined || fitting(why);
      };
      const start = initial && { default: initial, prefill: 'editable' as const };
      return input({ message: fitting(question, (initial?.length ?? 0) + 2), validate, ...start }, context);
    },
    async secret(question) {
      const { password, fitting } = await load();
      return password({ message: fitting(question) }, context);
    },
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
