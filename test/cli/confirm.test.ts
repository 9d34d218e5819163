import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { openAsk } from '../../src/cli/ask.ts';
import { openConfirm } from '../../src/cli/confirm.ts';
import { promptText } from '../../src/cli/prompt-text.ts';

function openAsked(signal = new AbortController().signal) {
  const [from, to] = [new PassThrough(), new PassThrough()];
  const confirm = openConfirm({
    ask: openAsk({ canAsk: true, signal, columns: () => 80, plain: { from, to } }),
    protected: false,
  });
  return { from, asked: () => String(to.read()), answer: confirm({ question: 'Undo 3 changes?', yes: false }) };
}

test.each([
  ['yes\n', true],
  [' Y \n', true],
  ['no\n', false],
  ['\n', false],
  ['yesterday\n', false],
])('asked in a line: %j is %s', async (typed, expected) => {
  const { from, asked, answer } = openAsked();
  from.write(typed);
  expect(await answer).toBe(expected);
  expect(asked()).toBe('Undo 3 changes? Type yes or no: ');
});

test('the end of what can be read is a no', async () => {
  const { from, answer } = openAsked();
  from.end();
  expect(await answer).toBe(false);
});

test('Ctrl-C ends it before anything was changed', async () => {
  const interrupt = new AbortController();
  const { answer } = openAsked(interrupt.signal);
  interrupt.abort();
  await expect(answer).rejects.toMatchObject({ exit: 130 });
});

test('of a list a number is typed, until it is one of them', async () => {
  const [from, to] = [new PassThrough(), new PassThrough()];
  const ask = openAsk({ canAsk: true, signal: new AbortController().signal, columns: () => 80, plain: { from, to } });
  const answer = ask.choose('Which snapshot?', [
    { name: 'one', value: 1 },
    { name: 'two', says: 'older…', value: 2 },
  ]);
  from.write('7\n');
  let said = '';
  to.on('data', piece => {
    said += piece;
  });
  to.on('data', piece => void (String(piece).includes('Type a number') && from.write('2\n')));
  expect(await answer).toBe(2);
  expect(said).toContain('2: two, older...\n');
});

test.each([
  ['Undo 3 changes?', 8, 'Undo 3 changes?'],
  ['Put it in the place of what is there?', 0, 'Put it in the place of what\n  is there?'],
  ['with no room left for hints', 8, 'with no room left for hints\n '],
  ['Put https://netbox.example.com/netbox/ back?', 8, 'Put\n  https://netbox.example.com/netbox/\n  back?'],
  ['what \u001b[2J is from outside', 0, 'what ?[2J is from outside'],
])('%j in 30 columns, with %i behind it, is drawn as %j', (question, behind, drawn) => {
  expect(promptText(question, 30, behind)).toBe(drawn);
});
