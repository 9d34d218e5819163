/** Which of these commands or groups is meant: by its words, or as its manual page is called (`snapshot-restore`, `bmtool-snapshot-restore`). */
export function pathMeant(words: readonly string[], paths: readonly string[]): string | undefined {
  const name = (text: string) => text.replaceAll(' ', '-');
  const typed = name(words.join(' ')).replace(/^bmtool(-|$)/, '');
  return paths.find(path => name(path) === typed);
}
