import { type Aspect, aspects, rules } from './decide.ts';

type Row = {
  readonly rule: string;
  readonly when: Partial<Record<Aspect, readonly string[]>>;
  readonly act: string;
  readonly says: string;
};

const rows: readonly Row[] = rules;

/** The decision table as Markdown, for the documents. */
export function tableText(): string {
  const names = Object.keys(aspects) as Aspect[];
  const cell = (row: Row, name: Aspect) => row.when[name]?.join(', ') ?? '';
  const lines = rows.map(row => [row.rule, ...names.map(name => cell(row, name)), `**${row.act}**`, row.says]);
  const head = ['rule', ...names, 'act', 'because'];
  return [head, head.map(() => '---'), ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

/** The same as a Mermaid diagram: row after row, until one fits. */
export function diagramText(): string {
  const question = ({ when }: Row) =>
    Object.entries(when)
      .map(([aspect, values]) => `${aspect} ${values.join(' or ')}`)
      .join(', ') || 'anything else';
  const lines = rows.flatMap((row, i) => [
    `  r${i}{"${question(row)}?"} -- yes --> a${i}["${row.act}: ${row.says}"]`,
    ...(i + 1 < rows.length ? [`  r${i} -- no --> r${i + 1}`] : []),
  ]);
  return ['flowchart TD', ...lines].join('\n');
}
