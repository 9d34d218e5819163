import type { ErrorTable } from './entry.ts';

/** BM-2xx: NetBox, what it answers, and what is missing in it. Codes are never reused nor renumbered (see errors.ts). */
export const netboxErrors = {
  'netbox-unreachable': {
    code: 'BM-201',
    exit: 5,
    title: 'NetBox cannot be reached',
    says: `
      Nothing answers at NETBOX_URL, or what stands before NetBox says that it is away (502, 503, 504). In the middle of
      its work bmtool tries again for two minutes, and says so, before it gives up. --timeout SECONDS is another time for
      reads; what is being written is given two minutes at least.

      Check in this order: whether it is the address that you mean and where it comes from; whether the name resolves and
      the port is right; whether NetBox and its web server run; a proxy, a firewall or a VPN between; for https, whether
      the certificate is one that this machine trusts (NODE_EXTRA_CA_CERTS=/path/to/ca.pem). A slow NetBox is given more
      time with a larger --timeout.

        bmtool doctor
        curl -i "$NETBOX_URL/api/status/"
        bmtool lab up                # a NetBox of your own on this machine`,
  },
  'not-netbox': {
    code: 'BM-202',
    exit: 5,
    title: 'What answers is not NetBox',
    says: `
      Something answers at NETBOX_URL, but not as NetBox's API does. Usual causes: a path prefix that is missing or too
      much, the start page of a web server, a sign-in page of a proxy, another program on that port.

        curl -i "$NETBOX_URL/api/status/"  # NetBox answers with a header API-Version`,
  },
  'netbox-redirects': {
    code: 'BM-203',
    exit: 2,
    title: 'NetBox is at another address',
    says: `
      The answer is a redirection, mostly from http to https or to another host. bmtool follows none: on the way a write
      would become a read, and the token would go to where nobody wanted it. Set NETBOX_URL to the address that the
      message names.`,
  },
  'netbox-unsupported': {
    code: 'BM-204',
    exit: 2,
    title: 'This NetBox is too old',
    says: `
      bmtool needs NetBox 4.2, in which MAC addresses became objects of their own; there is nothing to write them to in
      an older one. A version that is newer than any that bmtool was tried with is only warned of.`,
  },
  'netbox-refuses': {
    code: 'BM-205',
    exit: 1,
    title: 'NetBox answers a request with an error',
    says: `
      NetBox is there and the token is good, but it could not answer: an error inside NetBox or one of its plugins, a
      database that is away or wants a migration, a request that a proxy does not let through. The message has the HTTP
      status and NetBox's own words; its log has more.

        journalctl -u netbox -n 100
        bmtool lab logs netbox       # where it is the lab's`,
  },
  'netbox-answer-unknown': {
    code: 'BM-206',
    exit: 1,
    title: 'NetBox answers in an unknown shape',
    says: `
      A field that bmtool needs is missing or is of another kind than in NetBox 4.2 to 4.7. Usual causes: a NetBox that is
      newer than bmtool, a plugin that changes the API, a proxy that changes answers. Nothing is guessed at. Look at which
      version it is, bring bmtool up to date, and report it with the output of the same command and --debug.

        bmtool doctor`,
  },
  'netbox-maintenance': {
    code: 'BM-207',
    exit: 1,
    title: 'NetBox accepts no writes',
    says: `
      NetBox's maintenance mode is on, or its database is read-only (a standby, a disk that is full). What was written
      before stays and is in the run. When it takes writes again, run the same command: it does what is left.

        bmtool runs list`,
  },
  'token-refused': {
    code: 'BM-210',
    exit: 4,
    title: 'NetBox does not accept the token',
    says: `
      NetBox does not know the token in NETBOX_TOKEN, or not any more. Check in this order: where the token comes from
      (without one, bmtool takes the public demo token); that it is of this NetBox; that it has not expired and is
      enabled; that its list of allowed addresses has this machine; that it was copied whole. A v2 token begins with nbt_
      and has a dot inside.

      A new one is made in NetBox under your name (top right), API Tokens. A token has no option on the command line.

        bmtool doctor`,
  },
  'token-may-not-read': {
    code: 'BM-211',
    exit: 4,
    title: 'The token may not read something',
    says: `
      NetBox knows the token, and its user lacks the right to view what the message names. An administrator of NetBox gives
      it under Admin, Permissions. The doctor asks for every right that bmtool needs and names those that are missing.

        bmtool doctor`,
  },
  'token-may-not-write': {
    code: 'BM-212',
    exit: 4,
    title: 'The token may not write something',
    says: `
      Before its first write bmtool asks for every right that the plan needs. One is missing, so that nothing was changed.
      Either the token itself is read-only ("write enabled" is off), or its user lacks the permissions that the message
      names. An administrator of NetBox gives them under Admin, Permissions.

        bmtool doctor`,
  },
  'no-servers': {
    code: 'BM-220',
    exit: 2,
    title: 'No device is a server',
    says: `
      A device is a server when the name of its role contains BMTOOL_SERVER_ROLE ("Server", unless set). No role's name
      does, or no device has such a role, or the token may not see them. Nothing was changed. Look at the names of the
      device roles in NetBox, and set a part that those of your servers share.

        export BMTOOL_SERVER_ROLE="Bare Metal"
        bmtool doctor`,
  },
  'no-such-status': {
    code: 'BM-221',
    exit: 2,
    title: 'NetBox has no such device status',
    says: `
      BMTOOL_STATUS_MAP names a status that devices of this NetBox cannot have; the message lists those that they can.
      Nothing was changed. NetBox itself has offline, planned, staged, active, failed, inventory and decommissioning; more
      come from FIELD_CHOICES in its configuration.`,
  },
  'bmc-prefix-unclear': {
    code: 'BM-222',
    exit: 2,
    title: 'No one prefix for BMC addresses',
    says: `
      BMC addresses are dealt from one prefix: the one that BMTOOL_BMC_PREFIX names, else the one whose role has the slug bmc.
      NetBox has none such (or the token may not see it), or several, in several VRFs perhaps. Which one is meant is not
      guessed at, and nothing was changed. Name one that is there once, or give the role to one prefix alone.

        export BMTOOL_BMC_PREFIX=10.20.0.0/21`,
  },
  'bmc-prefix-full': {
    code: 'BM-223',
    exit: 1,
    title: 'The BMC prefix has too few free addresses',
    says: `
      More servers need a BMC address than the prefix has free; what something else has, or what lies in an IP range, is
      not taken. Nothing was changed. Free addresses that nobody uses, enlarge the prefix, or put fewer servers into
      the phase.

        bmtool state restore 1 --limit 100`,
  },
} as const satisfies ErrorTable;
