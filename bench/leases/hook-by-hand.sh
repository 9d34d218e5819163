#!/bin/bash
# What people put into dhcpd's "on commit": looks the MAC up in NetBox with curl and jq, decides as bmtool does, and writes.
# Usage: hook-by-hand.sh IP MAC; needs NETBOX_URL and NETBOX_TOKEN.
set -euo pipefail
ip=$1 mac=$2
api() { curl -sS --fail -H "Authorization: Token $NETBOX_TOKEN" -H 'Content-Type: application/json' "$NETBOX_URL/api/$1" "${@:2}"; }
interface=$(api "dcim/mac-addresses/?mac_address=$mac" | jq -r '.results | if length == 1 then .[0].assigned_object_id else empty end')
[ -n "$interface" ] || exit 0
read -r device status oob <<<"$(api "dcim/interfaces/$interface/" | jq -r '.device.id' | xargs -I{} curl -sS --fail -H "Authorization: Token $NETBOX_TOKEN" "$NETBOX_URL/api/dcim/devices/{}/" | jq -r '[.id, .status.value, (.oob_ip.address // "-")] | @tsv')"
length=$(api "ipam/prefixes/?contains=$ip" | jq -r '[.results[].prefix | split("/")[1] | tonumber] | max // 32')
there=$(api "ipam/ip-addresses/?interface_id=$interface" | jq -r '.results[0].address // "-"')
case $status in
offline | planned) [ "$there" != "$ip/$length" ] || [ "$status" = offline ] || exit 0 ;;
active) [ "$there" = - ] || exit 0 ;;
*) exit 0 ;;
esac
address=$(api "ipam/ip-addresses/?address=$ip" | jq -r '.results[0].id // empty')
if [ -z "$address" ]; then
  address=$(api ipam/ip-addresses/ -X POST -d "{\"address\":\"$ip/$length\",\"status\":\"active\",\"assigned_object_type\":\"dcim.interface\",\"assigned_object_id\":$interface}" | jq -r .id)
fi
body="{\"oob_ip\":$address"
[ "$status" != offline ] || body="$body,\"status\":\"planned\""
api "dcim/devices/$device/" -X PATCH -d "$body}" >/dev/null
