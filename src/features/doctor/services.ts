import type { PostgresReport } from '../../adapters/postgres/probe.ts';
import type { RedisReport } from '../../adapters/redis/probe.ts';
import { counted } from '../../core/counted.ts';
import type { Settings } from '../../settings.ts';
import { type Check, ok, warn } from './check.ts';

export function checkRedis({ version, queueLength }: RedisReport, { get }: Pick<Settings, 'get'>): Check {
  const where = `${get('REDIS_HOST')}:${get('REDIS_PORT')}`;
  return ok('redis', `${version} at ${where}, ${counted(queueLength, 'event')} in ${get('REDIS_QUEUE')}`);
}

export function checkDatabase(report: PostgresReport, { get }: Pick<Settings, 'get'>): Check {
  const { user, isOwner, isSuperuser, canCreateDatabases } = report;
  const database = get('PGDATABASE');
  const where = `PostgreSQL ${report.version} at ${get('PGHOST')}:${get('PGPORT')}, database ${database} (${Math.round(report.bytes / 1024 / 1024)} MB)`;
  const missing = [
    ...(isOwner || isSuperuser ? [] : [`ALTER DATABASE "${database}" OWNER TO "${user}";`]),
    ...(canCreateDatabases || isSuperuser ? [] : [`ALTER ROLE "${user}" CREATEDB;`]),
  ];
  if (missing.length === 0) return ok('postgresql', `${where}; ${user} may make snapshots`);
  return warn('postgresql', `${where}; ${user} may not make snapshots`, `As a superuser: ${missing.join(' ')}`);
}
