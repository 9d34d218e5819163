import type { ErrorTable } from './entry.ts';

/** BM-8xx: the lab, and what comes with bmtool. Codes are never reused nor renumbered (see errors.ts). */
export const labErrors = {
  'lab-unsupported': {
    code: 'BM-801',
    exit: 1,
    title: 'The lab does not run on this machine',
    says: `
      The lab is a real NetBox with PostgreSQL and Redis from packages that are built for Linux with glibc, on x64 and arm64.
      macOS, Windows and Alpine are none of these. Run it in a virtual machine or a container with Debian, say. All other
      commands work from here against any NetBox.

        export NETBOX_URL=https://netbox.example.com
        bmtool doctor`,
  },
  'lab-not-running': {
    code: 'BM-802',
    exit: 5,
    title: 'The lab is not running',
    says: `
      The command is about a lab that runs, and there is none for this user and this BMTOOL_STATE_DIR, or one of its parts has
      ended. Bringing it up keeps its data and starts what is missing.

        bmtool lab status
        bmtool lab up`,
  },
  'lab-never-started': {
    code: 'BM-803',
    exit: 1,
    title: 'The lab has no logs yet',
    says: `
      Nothing was started in this BMTOOL_STATE_DIR, or its data was discarded, logs included.

        bmtool lab up`,
  },
  'no-such-service': {
    code: 'BM-804',
    exit: 2,
    title: 'The lab has no such service',
    says: `
      Its services are postgres, redis, netbox and worker. Without a name the logs of all of them are shown.

        bmtool lab logs netbox`,
  },
  'lab-python-missing': {
    code: 'BM-810',
    exit: 5,
    title: 'There is no Python for NetBox',
    says: `
      NetBox needs Python 3.12, 3.13 or 3.14. This machine has none (PATH and the folders of version managers were searched),
      and none could be fetched. Install one, or name it; or check the network and the proxy (HTTPS_PROXY), so that it can be
      fetched.

        apt install python3.12
        export LAB_PYTHON=/opt/python3.12/bin/python3`,
  },
  'lab-offline': {
    code: 'BM-811',
    exit: 5,
    title: 'What the lab is made of cannot be fetched',
    says: `
      The first start fetches NetBox and its packages from PyPI. That failed for want of a connection. Check the network, the
      name service and the proxy (HTTPS_PROXY); behind a mirror name it in UV_DEFAULT_INDEX (or PIP_INDEX_URL). What was
      fetched already is kept, and later starts need no network.

        curl -I https://pypi.org/simple/
        bmtool lab up`,
  },
  'lab-install-failed': {
    code: 'BM-812',
    exit: 1,
    title: 'NetBox could not be installed',
    says: `
      The packages were within reach, and putting them into their environment failed; the message has the last words. Usual
      causes: a disk that is full, a package that this machine would have to compile, a mirror that lacks a version. What is
      done already is kept.

        df -h ~/.cache
        bmtool lab up`,
  },
  'lab-program-missing': {
    code: 'BM-820',
    exit: 1,
    title: 'There is no PostgreSQL or no Redis for the lab',
    says: `
      PostgreSQL comes as an optional package of npm for Linux on x64 and arm64, and inside the one file; it was left out
      (--omit=optional), and the machine has none of its own that is new enough. Redis comes with NetBox's packages; where it
      does not, install Valkey or Redis, 6.0 or newer, which need not run as a service.

        npm ci
        export LAB_PG_BIN=/usr/lib/postgresql/16/bin
        apt install redis-server`,
  },
  'lab-program-wrong': {
    code: 'BM-821',
    exit: 2,
    title: 'A setting of the lab names no program that fits',
    says: `
      LAB_PG_BIN is the folder with the programs postgres and initdb of a version that NetBox works on, which on Debian is not
      /usr/bin but a folder of the version. LAB_REDIS_SERVER is the whole path of valkey-server or redis-server. The message
      says which of them it is, and what was found. Left empty, bmtool takes what comes with it.

        ls /usr/lib/postgresql/*/bin/initdb
        command -v valkey-server redis-server`,
  },
  'lab-data-of-another-postgres': {
    code: 'BM-822',
    exit: 2,
    title: "The lab's data is of another PostgreSQL version",
    says: `
      A data directory belongs to the major version that made it. Use that version again (LAB_PG_BIN), or discard the data
      and begin anew: snapshots and all that was written to the lab's NetBox go with it.

        bmtool lab down --purge
        bmtool lab up`,
  },
  'lab-data-in-use': {
    code: 'BM-823',
    exit: 1,
    title: "Something still uses the lab's database",
    says: `
      Processes of a PostgreSQL that was killed live on and hold the data directory; the message has their numbers. Two servers
      on one directory would destroy it, so that none is started. Stop those processes, then bring the lab up again.

        ps -o pid,ppid,args -C postgres
        bmtool lab up`,
  },
  'lab-data-too-new': {
    code: 'BM-824',
    exit: 1,
    title: "The lab's database is of a newer NetBox",
    says: `
      A newer bmtool has brought the data up to its own NetBox, and NetBox cannot go back. Use that bmtool, or discard the data
      and begin anew.

        bmtool lab down --purge
        bmtool lab up`,
  },
  'lab-another-fleet': {
    code: 'BM-825',
    exit: 2,
    title: 'The lab has another fleet',
    says: `
      A fleet is made once, from its size and its seed, and the lab's is not the one that was asked for. Without options the
      lab comes up with what it has. For another one its data is discarded, with all that was written to it.

        bmtool lab up
        bmtool lab down --purge`,
  },
  'lab-service-failed': {
    code: 'BM-830',
    exit: 1,
    title: 'A service of the lab did not come up',
    says: `
      It ended, or did not answer in time, or could not make its data directory; the message has the last lines that it wrote.
      Usual causes: a port that something else has (LAB_PORTS=auto takes free ones), a disk that is full, too little memory
      (in a container also --shm-size), a machine so busy that it takes minutes.

        bmtool lab status
        bmtool lab logs netbox
        bmtool lab up`,
  },
  'lab-migration-failed': {
    code: 'BM-831',
    exit: 1,
    title: 'NetBox could not migrate the base snapshot',
    says: `
      The lab's database begins as a snapshot that comes with bmtool, and NetBox brings it up to its own version. That failed;
      the message has the last words. From a checkout the snapshot can be made anew for the NetBox of today.

        npm run lab:base
        bmtool lab logs netbox`,
  },
  'base-snapshot-not-made': {
    code: 'BM-832',
    exit: 1,
    title: 'The base snapshot could not be made',
    says: `
      This concerns those who make what the lab begins with. A script inside NetBox has failed, and its last lines are in the
      message: look at what changed in NetBox. Or there is no pg_dump of PostgreSQL 18 to write it with, neither here nor from
      PyPI.

        npm run lab:base
        export LAB_PG_DUMP=/usr/lib/postgresql/18/bin/pg_dump`,
  },
  'base-snapshot-stale': {
    code: 'BM-833',
    exit: 1,
    title: 'The base snapshot is not what is made today',
    says: `
      What comes with bmtool and what the code makes are no longer the same; the message has the first difference. When the
      change is wanted, make it anew and commit it with the change.

        npm run lab:base
        npm run lab:base -- --fleet`,
  },
  'bmtool-incomplete': {
    code: 'BM-840',
    exit: 1,
    title: 'A file of bmtool is missing',
    says: `
      A file that comes with bmtool is not beside it: the checkout is not whole, or parts of it were removed. Restore it from
      the repository, or use the one file that has everything inside.

        git status
        npm run package`,
  },
} as const satisfies ErrorTable;
