// Not imported: as an ES module node:fs loads its streams and promises along, 3 ms of a hook that takes 30.
const { mkdirSync } = process.getBuiltinModule('node:fs');
const { dirname } = process.getBuiltinModule('node:path');

/**
 * Makes a folder and those above it; one that is there is left as it is. Throws what the file system says.
 *
 * Not Node's own way: its `recursive` tries for ever, at full load, where the folder above is there and yet nothing can be made in it (ENOENT from
 * mkdir in /proc, for instance; Node 26.10). A hook that does that stops dhcpd.
 */
export function makeFolder(folder: string, mode = 0o777): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const above = dirname(folder);
    if (code !== 'ENOENT' || above === folder) throw error;
    makeFolder(above, mode);
    makeOne(folder, mode);
  }
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
