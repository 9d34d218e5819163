import { spawnSync } from 'node:child_process';

const absent = ['unshare', 'setpriv', 'mount'].filter(
  name => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
);
const reason = process.getuid?.() !== 0 ? 'needs root' : absent.length > 0 ? `needs ${absent.join(', ')}` : undefined;

/** For tests that confine a program: root, and the programs of util-linux. */
export const needsRoot = {
  missing: reason !== undefined,
  titled: (title: string) => (reason === undefined ? title : `${title} (left out: ${reason})`),
};
