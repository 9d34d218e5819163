import { PassThrough } from 'node:stream';
import { openScreen, type Screen, type ScreenWishes } from '../../src/cli/screen.ts';

export type Captured = { readonly screen: Screen; readonly out: () => string; readonly err: () => string };

/** A screen whose words can be read afterwards. */
export function captureScreen(
  place: { terminal: boolean; columns?: number },
  wishes: Partial<ScreenWishes> = {},
  env: NodeJS.ProcessEnv = {},
): Captured {
  const open = () =>
    Object.assign(new PassThrough(), { isTTY: place.terminal, ...(place.columns && { columns: place.columns }) });
  const [out, err] = [open(), open()];
  const heard = { out: '', err: '' };
  out.setEncoding('utf8').on('data', text => {
    heard.out += text;
  });
  err.setEncoding('utf8').on('data', text => {
    heard.err += text;
  });
  const read = (which: 'out' | 'err', stream: PassThrough) => () => heard[which] + (stream.read() ?? '');
  return {
    screen: openScreen(out, err, env, { color: true, quiet: false, verbose: false, ...wishes }),
    out: read('out', out),
    err: read('err', err),
  };
}
