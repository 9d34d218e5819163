import type { AnyCommand } from './cli/command.ts';
import { doctor } from './features/doctor/command.ts';
import { labCommands } from './features/lab/command.ts';
import { loadMacs } from './features/macs/command.ts';
import { restore } from './features/phases/restore.ts';
import { show } from './features/phases/show.ts';
import { verify } from './features/phases/verify.ts';
import { verifyCables } from './features/phases/verify-cables.ts';
import { runsList, runsShow } from './features/runs/command.ts';
import { undo } from './features/undo/command.ts';

/** Every command of bmtool. Help, completion and the README's table are made from this list. */
export const commands: readonly AnyCommand[] = [
  loadMacs,
  restore,
  show,
  verify,
  verifyCables,
  undo,
  runsList,
  runsShow,
  doctor,
  ...labCommands,
];
