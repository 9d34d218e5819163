import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until.ts';

/** One call of a hook: its arguments, and all variables that it had. */
export type Call = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };

export type RecordingHook = {
  readonly path: string;
  /** In the order in which they came. */
  calls(): Call[];
  /** All calls, as soon as there are so many that `fits`. */
  until(count: number, fits?: (call: Call) => boolean): Promise<Call[]>;
};

/** A hook that writes down what it was called with. It needs no PATH: Kea gives none. */
export async function makeRecordingHook(parent: string): Promise<RecordingHook> {
  made += 1;
  const folder = join(parent, `recording-hook-${made}`);
  const path = join(folder, 'hook.sh');
  const into = join(folder, 'calls');
  await mkdir(into, { recursive: true });
  // Whoever the server runs as.
  await chmod(into, 0o777);
  await writeFile(path, script(into));
  await chmod(path, 0o755);
  const known = new Map<string, Call>();
  const calls = () =>
    readdirSync(into)
      .sort(byTime)
      .flatMap(name => {
        const call = known.get(name) ?? readCall(readFileSync(join(into, name), 'utf8'));
        if (call) known.set(name, call);
        return call ?? [];
      });
  return {
    path,
    calls,
    until: (count, fits = () => true) =>
      until(() => {
        const all = calls();
        return all.filter(fits).length >= count ? all : undefined;
      }, `${count} calls of a hook`).catch(error => {
        const were = calls().map(({ args }) => args.join(' '));
        throw new Error(`${error.message} that fit ${fits}; there were:\n${were.join('\n')}`);
      }),
  };
}

let made = 0;

/** A file per call, called after the machine's uptime and the process. One process more than none, as servers wait for their hooks. */
function script(into: string): string {
  return `#!/bin/sh
read -r uptime rest < /proc/uptime
exec >> "${into}/$uptime-$$"
printf '%s\\0' "$#" "$@"
exec /usr/bin/env -0
`;
}

function byTime(a: string, b: string): number {
  const [[timeA = 0, pidA = 0] = [], [timeB = 0, pidB = 0] = []] = [a, b].map(name => name.split('-').map(Number));
  return timeA - timeB || pidA - pidB;
}

/** Nothing when it is not all there yet: sh gives every hook one variable at least, PWD. */
function readCall(text: string): Call | undefined {
  const [count, ...fields] = text.split('\0');
  const args = fields.slice(0, Number(count));
  const variables = fields.slice(Number(count));
  if (variables.length < 2 || variables.at(-1) !== '') return undefined;
  const read = (field: string) => [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)];
  return { args, env: Object.fromEntries(variables.slice(0, -1).map(read)) };
}
