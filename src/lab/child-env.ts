/** What would make a Python program or a database client behave by somebody else's settings. */
const foreign = /^(PYTHON|DJANGO|NETBOX|GUNICORN|PG|REDIS|VIRTUAL_ENV|LAB_|BMTOOL_|DATABASE_URL)/;

/** The environment for a program of the lab: the user's, without what steers Python, NetBox or PostgreSQL, and `more`. */
export function childEnv(env: NodeJS.ProcessEnv, more: Record<string, string> = {}): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name))), ...more };
}
