import { type Block, filled, print, table, type View } from '../../cli/view.ts';
import { partsOf } from '../../core/errors/entry.ts';
import { type ErrorKind, errorKinds, errors } from '../../core/errors/errors.ts';

const exitWords: Readonly<Record<number, string>> = {
  1: 'failed',
  2: 'wrong usage or bad input',
  4: 'not allowed',
  5: 'could not reach a service',
  130: 'interrupted',
};

export function errorText(kind: ErrorKind, { paint }: Pick<View, 'paint'>): Block[] {
  const { code, title, exit, says } = errors[kind];
  const parts = partsOf(says).map(part =>
    'commands' in part ? part.commands.map(line => `  ${line}`).join('\n') : filled(part.paragraph),
  );
  return [
    print(`${paint.bold(code)}  ${title}`),
    print(paint.dim(`Exit code ${exit} (${exitWords[exit] ?? ''}), kind ${kind}`)),
    ...parts.map(part => print(`\n${part}`)),
  ];
}

export function listText(): Block[] {
  return [
    table(
      ['code', 'what', 'exit code'],
      errorKinds.map(kind => [errors[kind].code, errors[kind].title, String(errors[kind].exit)]),
    ),
  ];
}
