import type { AnyCommand } from './cli/command.ts';
import { isFlagsAlone } from './cli/leading-flags.ts';
import { printBlocks, printFailure, printJson } from './cli/print.ts';
import { parseArguments, type Request } from './cli/program.ts';
import { openScreen, type Screen } from './cli/screen.ts';
import { print, say } from './cli/view.ts';
import { commands } from './commands.ts';
import { type ExitCode, Failure } from './core/failure.ts';
import type { LastWords } from './core/last-words.ts';
import { readRunningLab } from './lab/running.ts';
import { readSettings, settingFlags } from './settings.ts';
import type { Toolbox } from './toolbox.ts';
import { version } from './version.ts';
import { localTools, openWorld, type World } from './world.ts';

/** What a run of bmtool has of its surroundings. */
export type Surroundings = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Calls back on every SIGINT, SIGTERM and SIGHUP. */
  readonly onSignal: (listener: (signal: NodeJS.Signals) => void) => void;
  /** Ends the process now; only for a second Ctrl-C. */
  readonly exitNow: (code: ExitCode) => never;
};

/** Parse → open what the command needs → run → print → close → exit code. The only place that catches everything. */
export async function main(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  // What a person who has just copied bmtool here types first.
  const words = around.stdout.isTTY && isFlagsAlone(argv) ? ['start', ...argv] : argv;
  const parsed = parseArguments(words, commands, settingFlags(), version);
  if (parsed.kind === 'run') return runRequest(parsed.request, around);
  const screen = openScreen(around.stdout, around.stderr, around.env, {
    color: true,
    quiet: false,
    verbose: false,
    plain: argv.includes('--plain'),
  });
  try {
    if (parsed.kind === 'usage') throw new Failure(parsed.error, parsed.text, { next: parsed.next });
    await printBlocks([print(parsed.text.trimEnd())], screen);
    return parsed.exit;
  } catch (error) {
    return await printFailure(error, screen, {
      json: argv.includes('--json'),
      debug: false,
      command: argv.find(word => !word.startsWith('-')) ?? '',
    });
  }
}

async function runRequest(request: Request, around: Surroundings): Promise<ExitCode> {
  const { command, common } = request;
  const screen = openScreen(around.stdout, around.stderr, around.env, common);
  const lastWords: LastWords = { now: undefined };
  const interrupt = openInterrupt(around, screen, lastWords);
  let world: World | undefined;
  try {
    // What needs nothing works whatever the settings are: `explain` tells of wrong ones, too.
    if (command.needs.length === 0 && command.prepare === undefined)
      return await carryThrough(command, request, {}, undefined, undefined, screen);
    const settings = readSettings({ flags: request.settings, env: around.env, cwd: around.cwd, lab: readRunningLab });
    world = openWorld({
      settings,
      screen,
      stdin: around.stdin,
      env: around.env,
      interrupt,
      lastWords,
      timeoutMs: common.timeout === undefined ? undefined : common.timeout * 1000,
      json: common.json,
    });
    const prepared = await command.prepare?.(request.values, await world.open(localTools));
    const tools = await world.open(command.needs);
    const target = targetOf(tools);
    if (target && !common.json) await printBlocks([say(screen.paintOut.dim(targetText(target)))], screen);
    return await carryThrough(command, request, tools, prepared, target, screen);
  } catch (error) {
    screen.bottom?.close();
    return await printFailure(error, screen, { json: common.json, debug: common.debug, command: command.path });
  } finally {
    await world?.close();
    screen.bottom?.close();
  }
}

type Target = { netbox: string; version: string };

async function carryThrough(
  command: AnyCommand,
  request: Request,
  tools: Partial<Toolbox>,
  prepared: unknown,
  target: Target | undefined,
  screen: Screen,
): Promise<ExitCode> {
  const running = command.run(request.values, tools, prepared);
  const results = Symbol.asyncIterator in running ? running : [await running];
  let exit: ExitCode = 0;
  for await (const result of results as AsyncIterable<unknown>) {
    if (request.common.json) {
      await printJson(
        { command: command.path, ...(target ? { target } : {}), result: command.json ? command.json(result) : result },
        screen,
      );
    } else {
      await printBlocks(
        command.text(result, { paint: screen.paintOut, verbose: screen.verbose, terminal: screen.outIsTerminal }),
        screen,
      );
    }
    // Of many results the first that is no success counts.
    exit ||= command.exit?.(result) ?? 0;
  }
  return exit;
}

/** Every plan and outcome begins with what it is about. */
function targetOf(tools: Partial<Toolbox>): Target | undefined {
  const { netbox } = tools;
  return netbox && { netbox: netbox.url, version: netbox.version.text };
}

function targetText({ netbox, version: netboxVersion }: Target): string {
  return `NetBox ${netboxVersion} at ${netbox}`;
}

/** The first Ctrl-C lets the work in flight finish; the second ends the process as it stands. */
function openInterrupt(around: Surroundings, screen: Screen, lastWords: LastWords): AbortSignal {
  const controller = new AbortController();
  const tell = (words: string) => {
    // Drawn lines are drawn over the ^C that the terminal shows; elsewhere it stands at the start of a line.
    if (screen.bottom?.isDrawn) screen.bottom.note(words);
    else screen.err.write(`\n${words}\n`);
  };
  around.onSignal(() => {
    if (!controller.signal.aborted) {
      controller.abort();
      if (!screen.quiet) tell('Interrupted: finishing what is in flight. Once more to stop at once.');
      return;
    }
    screen.bottom?.close();
    // What is left half done is no talk: it is told with --quiet, too.
    if (lastWords.now !== undefined || !screen.quiet)
      tell(['Stopped at once.', lastWords.now].filter(Boolean).join(' '));
    around.exitNow(130);
  });
  return controller.signal;
}
