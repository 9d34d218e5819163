import type { Choice, Questions, TextWish } from './ask.ts';
import { plain } from './screen.ts';
import { spoken } from './spoken.ts';

export type Asked = { readonly from: NodeJS.ReadableStream; readonly to: NodeJS.WritableStream };

/** Questions as lines, for screen readers: nothing is drawn over. */
export function plainAsk(asked: Asked, signal: AbortSignal): Omit<Questions, 'secret'> {
  const tell = (text: string) => void asked.to.write(`${spoken(plain(text))}\n`);
  const line = (question: string) => readLine(spoken(plain(question)), asked, signal);
  return {
    // What is no yes is a no, and so is the end of what can be read.
    yesNo: async question => /^\s*y(es)?\s*$/i.test((await line(`${question} Type yes or no: `)) ?? ''),
    async choose<T>(question: string, choices: readonly Choice<T>[]) {
      tell(question);
      for (const [i, { name, says }] of choices.entries()) tell(`${i + 1}: ${name}${says ? `, ${says}` : ''}`);
      for (;;) {
        const typed = await line(`Type a number from 1 to ${choices.length}: `);
        const choice = choices[Number(typed) - 1];
        if (choice !== undefined) return choice.value;
        if (typed === undefined) throw ended();
      }
    },
    async text(question: string, { initial, wrong }: TextWish) {
      for (;;) {
        const typed = await line(`${question}${initial ? ` (Enter for ${initial})` : ''}: `);
        if (typed === undefined) throw ended();
        const answer = typed.trim() || (initial ?? '');
        const why = wrong?.(answer);
        if (why === undefined) return answer;
        tell(why);
      }
    },
  };
}

/** Nothing when there is no more to read. */
async function readLine(question: string, { from, to }: Asked, signal: AbortSignal): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: from, output: to, terminal: false });
  try {
    const over = new Promise<undefined>(resolve => lines.once('close', () => resolve(undefined)));
    return await Promise.race([lines.question(question, { signal }), over]);
  } finally {
    lines.close();
  }
}

/** As a prompt that is drawn ends when it is left. */
function ended(): Error {
  return Object.assign(new Error('nothing more can be read'), { name: 'ExitPromptError' });
}
