import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../core/failure.ts';
import type { LabContext } from './context.ts';
import { followFile, tailOf } from './log-files.ts';
import { type ServiceName, serviceNames } from './state.ts';

/** One line of a log. */
export type LogLine = {
  /** Whose log it is. */
  readonly service: ServiceName;
  /** The line, without its end. */
  readonly line: string;
};

export type LogsWanted = { readonly service?: string | undefined; readonly lines: number; readonly follow: boolean };

/** The last lines of each service's log, or of one; with `follow`, then every new line until the signal ends it. */
export async function* readLogs(lab: LabContext, wanted: LogsWanted): AsyncGenerator<LogLine> {
  const services = choose(wanted.service).map(service => ({ service, path: join(lab.places.logs, `${service}.log`) }));
  if (!services.some(({ path }) => existsSync(path))) {
    throw new Failure('lab-never-started', 'There are no logs: this lab has not been started.', {
      next: 'Run `bmtool lab up`.',
    });
  }
  if (!wanted.follow) {
    for (const { service, path } of services) {
      for (const line of tailOf(path, wanted.lines)) yield { service, line };
    }
    return;
  }
  const options = { lines: wanted.lines, signal: lab.signal, everyMs: 200 };
  yield* merge(services.map(({ service, path }) => labelled(service, followFile(path, options))));
}

function choose(service: string | undefined): readonly ServiceName[] {
  if (service === undefined) return serviceNames;
  const found = serviceNames.find(name => name === service);
  if (found !== undefined) return [found];
  throw new Failure('no-such-service', `The lab has no service "${service}".`, {
    next: `It has ${serviceNames.join(', ')}.`,
  });
}

async function* labelled(service: ServiceName, lines: AsyncIterable<string>): AsyncGenerator<LogLine> {
  for await (const line of lines) yield { service, line };
}

/** What any of these gives, as it comes. */
async function* merge<T>(sources: readonly AsyncGenerator<T>[]): AsyncGenerator<T> {
  const next = (source: AsyncGenerator<T>) => source.next().then(result => ({ source, result }));
  const waiting = new Map(sources.map(source => [source, next(source)]));
  while (waiting.size > 0) {
    const { source, result } = await Promise.race(waiting.values());
    if (result.done) {
      waiting.delete(source);
    } else {
      waiting.set(source, next(source));
      yield result.value;
    }
  }
}
