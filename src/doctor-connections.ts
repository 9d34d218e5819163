import { defaultHelloMs, netboxOptions, postgresOptions, redisOptions, type WorldOptions } from './connections.ts';
import type { Toolbox } from './toolbox.ts';

type Probe = 'netboxProbe' | 'redisProbe' | 'postgresProbe' | 'labProbe' | 'diskProbe' | 'spoolProbe';

/** What the doctor asks with. Nothing is loaded before it is called. */
export function openProbes(options: WorldOptions): { readonly [P in Probe]: () => Promise<Toolbox[P]> } {
  const { settings, timeoutMs } = options;
  return {
    netboxProbe: async () => async wish => {
      const { openNetBoxProbe } = await import('./adapters/netbox/probe.ts');
      return openNetBoxProbe({ ...netboxOptions(options), helloMs: timeoutMs ?? defaultHelloMs })(wish);
    },
    redisProbe: async () => async queue => {
      const { openRedisProbe } = await import('./adapters/redis/probe.ts');
      return openRedisProbe(redisOptions(options))(queue);
    },
    postgresProbe: async () => async () => {
      const { openPostgresProbe } = await import('./adapters/postgres/probe.ts');
      return openPostgresProbe(postgresOptions(options))();
    },
    labProbe: async () => async () => {
      const { openLabProbe } = await import('./lab/probe.ts');
      return openLabProbe(settings.stateDir)();
    },
    diskProbe: async () => (await import('./adapters/disk/probe.ts')).probeFolder,
    spoolProbe: async () =>
      (await import('./adapters/spool/probe.ts')).openSpoolProbe(settings.get('BMTOOL_SPOOL_DIR')),
  };
}
