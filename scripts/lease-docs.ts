import { readFileSync, writeFileSync } from 'node:fs';
import { diagramText, tableText } from '../src/features/leases/table.ts';

/** Writes the decision table into docs/leases.md; a test holds that it is there as it is in the code. */
const path = new URL('../docs/leases.md', import.meta.url);

export function withTables(text: string): string {
  const put = (into: string, name: string, what: string) =>
    into.replace(
      new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`),
      () => `<!-- ${name} -->\n\n${what}\n\n<!-- /${name} -->`,
    );
  return put(put(text, 'table', tableText()), 'diagram', `\`\`\`mermaid\n${diagramText()}\n\`\`\``);
}

if (import.meta.main) writeFileSync(path, withTables(readFileSync(path, 'utf8')));
