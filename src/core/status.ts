/** NetBox has no `discovered`; a map that names other statuses only must not lose this one. */
const defaultStatuses: Readonly<Record<string, string>> = { discovered: 'planned' };

/** NetBox's status for a lifecycle name: the map's (BMTOOL_STATUS_MAP), else the name itself. */
export function netboxStatus(name: string, statusMap: Readonly<Record<string, string>>): string {
  return statusMap[name] ?? defaultStatuses[name] ?? name;
}
