import { databaseAccount, loopback } from './running.ts';
import type { LabState, Ports } from './state.ts';

/**
 * NetBox's configuration.py. What a stock installation offers stays stock: choices, page sizes, validators.
 */
export function netboxConfiguration(wanted: { ports: Ports; secrets: LabState['secrets']; database: string }): string {
  const { ports, secrets, database } = wanted;
  const { user, password } = databaseAccount;
  const redis = (number: number) => `{'HOST': '${loopback}', 'PORT': ${ports.redis}, 'DATABASE': ${number}}`;
  return `# Written by \`bmtool lab up\`; changes are lost.
ALLOWED_HOSTS = ['*']  # it listens on loopback only
DATABASES = {
    'default': {
        'ENGINE': 'django.db.backends.postgresql',
        'HOST': '${loopback}', 'PORT': ${ports.postgres}, 'NAME': '${database}', 'USER': '${user}', 'PASSWORD': '${password}',
        # Connections are kept, and looked at before each request: NetBox goes on when the database under it is exchanged.
        'CONN_MAX_AGE': 300, 'CONN_HEALTH_CHECKS': True,
    },
}
REDIS = {'tasks': ${redis(0)}, 'caching': ${redis(1)}}
SECRET_KEY = '${secrets.secretKey}'
API_TOKEN_PEPPERS = {1: '${secrets.pepper}'}
CENSUS_REPORTING_ENABLED = False
ISOLATED_DEPLOYMENT = True
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'log': {'class': 'logging.StreamHandler'}},
    # The stack behind a 500 belongs into \`bmtool lab logs netbox\`, not into a mail to nobody.
    'loggers': {'django.request': {'handlers': ['log'], 'level': 'ERROR', 'propagate': False}},
}
`;
}
