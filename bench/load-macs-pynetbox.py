"""The same work as `bmtool load-macs`, written the way people write it: pynetbox, row by row."""

import csv
import os
import sys

import pynetbox

nb = pynetbox.api(os.environ["NETBOX_URL"], token=os.environ["NETBOX_TOKEN"])
limit = int(sys.argv[2]) if len(sys.argv) > 2 else None

with open(sys.argv[1], newline="") as manifest:
    for line, row in enumerate(csv.DictReader(manifest), start=2):
        if limit is not None and line > limit + 1:
            break
        device = nb.dcim.devices.get(serial=row["server_serial"])
        bmc = next(
            i
            for i in nb.dcim.interfaces.filter(device_id=device.id)
            if any(part in i.name.lower() for part in ("bmc", "ilo", "idrac"))
        )
        if bmc.primary_mac_address is not None:
            continue
        mac = nb.dcim.mac_addresses.create(
            mac_address=row["server_bmc_mac"],
            assigned_object_type="dcim.interface",
            assigned_object_id=bmc.id,
        )
        bmc.primary_mac_address = mac.id
        bmc.save()
        nb.extras.journal_entries.create(
            assigned_object_type="dcim.device",
            assigned_object_id=device.id,
            kind="success",
            comments=f"BMC MAC address {mac.mac_address} set on {bmc.name}, line {line}.",
        )
