import type { AnyCommand } from './cli/command.ts';
import { completeWords, completionInstall, completionShow } from './features/completion/command.ts';
import { doctor } from './features/doctor/command.ts';
import { explain as explainError } from './features/explain/command.ts';
import { help } from './features/help/command.ts';
import { init } from './features/init/command.ts';
import { labCommands } from './features/lab/command.ts';
import { deadDrop, deadList, deadRetry, deadShow } from './features/leases/dead.ts';
import { explain } from './features/leases/explain.ts';
import { follow } from './features/leases/follow.ts';
import { hook } from './features/leases/hook.ts';
import { install } from './features/leases/install.ts';
import { replay } from './features/leases/replay.ts';
import { spool } from './features/leases/spool.ts';
import { tap } from './features/leases/tap.ts';
import { unknown } from './features/leases/unknown.ts';
import { why } from './features/leases/why.ts';
import { worker } from './features/leases/worker.ts';
import { loadMacs } from './features/macs/command.ts';
import { manInstall, manShow } from './features/man/command.ts';
import { restore } from './features/phases/restore.ts';
import { show } from './features/phases/show.ts';
import { verify } from './features/phases/verify.ts';
import { verifyCables } from './features/phases/verify-cables.ts';
import { runsList, runsShow } from './features/runs/command.ts';
import { schema } from './features/schema/command.ts';
import { prune, remove } from './features/snapshots/delete.ts';
import { diff as snapshotDiff } from './features/snapshots/diff.ts';
import { exportToFile } from './features/snapshots/export.ts';
import { importFromFile } from './features/snapshots/import.ts';
import { list as snapshotList } from './features/snapshots/list.ts';
import { recover } from './features/snapshots/recover.ts';
import { restore as snapshotRestore } from './features/snapshots/restore.ts';
import { restoreFromFile } from './features/snapshots/restore-file.ts';
import { save } from './features/snapshots/save.ts';
import { show as snapshotShow } from './features/snapshots/show.ts';
import { undo as snapshotUndo } from './features/snapshots/undo.ts';
import { start } from './features/start/command.ts';
import { undo } from './features/undo/command.ts';

/** Every command of bmtool. Help, completion and the README's table are made from this list. */
export const commands: readonly AnyCommand[] = [
  loadMacs,
  hook,
  install,
  follow,
  tap,
  restore,
  show,
  verify,
  verifyCables,
  undo,
  save,
  snapshotRestore,
  snapshotUndo,
  snapshotList,
  snapshotShow,
  snapshotDiff,
  remove,
  prune,
  exportToFile,
  importFromFile,
  restoreFromFile,
  recover,
  why,
  worker,
  spool,
  replay,
  explain,
  unknown,
  deadList,
  deadShow,
  deadRetry,
  deadDrop,
  runsList,
  runsShow,
  start,
  init,
  doctor,
  explainError,
  schema,
  ...labCommands,
  completionShow,
  completionInstall,
  completeWords,
  manShow,
  manInstall,
  help,
];
