import type { Machine } from '../../adapters/machine/machine.ts';
import { Failure } from '../../core/failure.ts';
import { placeOf, type Shell, scripts } from './scripts.ts';

/** A completion that is in its place. */
export type Installed = {
  /** Whose it is. */
  readonly shell: Shell;
  /** Where it is. */
  readonly file: string;
  /** `false` when it was there as it should be. */
  readonly changed: boolean;
  /** What else is to be done, in sentences. */
  readonly next: readonly string[];
};

/** Writes the script into the user's own folder; no file of anybody else is touched, the shell's own settings least of all. */
export function install(machine: Machine, shell: Shell): Installed {
  if (!machine.env.HOME && !machine.env.XDG_DATA_HOME)
    throw new Failure('home-missing', 'There is no home folder to put it in: HOME is not set', {
      next: `Put it where ${shell} looks yourself: bmtool completion ${shell} > FILE`,
    });
  const file = placeOf(shell, machine.env);
  const changed = machine.read(file)?.text !== scripts[shell];
  if (changed) machine.write(file, { text: scripts[shell], mode: 0o644 });
  return { shell, file, changed, next: nextOf(shell, file, machine) };
}

function nextOf(shell: Shell, file: string, machine: Machine): string[] {
  if (shell === 'fish') return ['It works in the next fish.'];
  if (shell === 'zsh') {
    const rc = `${machine.env.ZDOTDIR || machine.env.HOME}/.zshrc`;
    const folder = file.slice(0, file.lastIndexOf('/'));
    if (machine.read(rc)?.text.includes(folder)) return ['It works in the next zsh.'];
    return [
      `zsh looks there once these lines are in ${rc}:`,
      `  fpath=(${folder} $fpath)`,
      '  autoload -Uz compinit && compinit',
    ];
  }
  const loader = [
    '/usr/share/bash-completion/bash_completion',
    '/etc/bash_completion',
    '/opt/homebrew/etc/profile.d/bash_completion.sh',
  ];
  if (loader.some(path => machine.exists(path))) return ['It works in the next bash.'];
  return [
    'bash finds it with the package bash-completion; without that, put this line into ~/.bashrc:',
    `  source ${file}`,
  ];
}
