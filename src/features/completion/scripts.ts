export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/**
 * What each shell is told: hand the words to `bmtool complete` and take its lines, `word<TAB>about`. A first line `:files` leaves it to the shell, which knows
 * files best. One call for each press of the key, and no list in the script that could grow old.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  // bash cuts words at : and =, and replaces only what is behind the last of them: so much is cut off each answer.
  bash: `# bmtool's completion for bash (4.2 or newer); made by: bmtool completion bash
_bmtool() {
  local line typed=\${COMP_LINE:0:COMP_POINT} first=yes
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $first && $line == :files ]]; then compopt -o default; return; fi
    first=
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" complete bash -- "$typed" "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
}
complete -F _bmtool bmtool
`,
  zsh: `#compdef bmtool
# bmtool's completion for zsh; made by: bmtool completion zsh
_bmtool() {
  local -a lines offers
  local line
  lines=("\${(@f)$("\${words[1]}" complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $lines[1] == :files ]]; then _files; return; fi
  for line in $lines; do
    offers+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( $#offers )) && _describe -V bmtool offers
}
if [[ $funcstack[1] == _bmtool ]]; then _bmtool "$@"; else compdef _bmtool bmtool; fi
`,
  fish: `# bmtool's completion for fish; made by: bmtool completion fish
function __bmtool_complete
    set -l words (commandline -opc)
    set -l answer ($words[1] complete fish -- $words[2..] (commandline -ct) 2>/dev/null)
    if test "$answer[1]" = :files
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $answer
    end
end
complete -c bmtool -f -k -a '(__bmtool_complete)'
`,
};

/** Where each shell looks for it, below the user's own folders, and what else that shell wants. */
export function placeOf(shell: Shell, env: Readonly<NodeJS.ProcessEnv>): string {
  const home = env.HOME ?? '';
  const data = env.XDG_DATA_HOME || `${home}/.local/share`;
  const places: Readonly<Record<Shell, string>> = {
    // bash-completion 2 loads it from here when it is first wanted.
    bash: `${data}/bash-completion/completions/bmtool`,
    zsh: `${data}/zsh/site-functions/_bmtool`,
    fish: `${env.XDG_CONFIG_HOME || `${home}/.config`}/fish/completions/bmtool.fish`,
  };
  return places[shell];
}
