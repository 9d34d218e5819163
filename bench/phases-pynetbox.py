"""The same work as `bmtool state restore PHASE --limit N`, written the way people write it: pynetbox, object by object.

    phases-pynetbox.py PHASE N

Prints the seconds that the servers took. What comes before them (imports, lists) takes as long however many they are.
"""

import ipaddress
import os
import sys
import time

import pynetbox

nb = pynetbox.api(os.environ["NETBOX_URL"], token=os.environ["NETBOX_TOKEN"])


def find_bmc(device):
    return next(
        i
        for i in nb.dcim.interfaces.filter(device_id=device.id)
        if any(part in i.name.lower() for part in ("bmc", "ilo", "idrac"))
    )


def phase0():
    def clean(device):
        bmc = find_bmc(device)
        device.status = "offline"
        device.oob_ip = None
        device.save()
        for ip in nb.ipam.ip_addresses.filter(interface_id=bmc.id):
            ip.delete()

    return clean


def phase1():
    prefix = nb.ipam.prefixes.get(role="bmc")
    network = ipaddress.ip_network(prefix.prefix)
    taken = {ip.address for ip in nb.ipam.ip_addresses.filter(parent=prefix.prefix)}
    addresses = (f"{host}/{network.prefixlen}" for host in network.hosts())
    free = (address for address in addresses if address not in taken)

    def discover(device):
        bmc = find_bmc(device)
        ip = nb.ipam.ip_addresses.create(
            address=next(free),
            status="active",
            assigned_object_type="dcim.interface",
            assigned_object_id=bmc.id,
        )
        device.status = "planned"
        device.oob_ip = ip.id
        device.save()

    return discover


def phase2():
    tag = nb.extras.tags.get(slug="cable-inverted") or nb.extras.tags.create(
        name="cable-inverted", slug="cable-inverted", color="f44336"
    )

    def connect(nic, port, old):
        nb.dcim.cables.create(
            a_terminations=[{"object_type": "dcim.interface", "object_id": nic.id}],
            b_terminations=[{"object_type": "dcim.interface", "object_id": port.id}],
            type=old.type,
            status=old.status.value,
            label=old.label,
            color=old.color,
            length=old.length,
            length_unit=old.length_unit.value if old.length_unit else None,
            tags=[*(t.id for t in old.tags), tag.id],
        )

    def invert(device):
        nics = nb.dcim.interfaces.filter(device_id=device.id, mgmt_only=False, cabled=True)
        first, second = list(nics)[:2]
        port1, port2 = first.link_peers[0], second.link_peers[0]
        cable1, cable2 = nb.dcim.cables.get(first.cable.id), nb.dcim.cables.get(second.cable.id)
        cable1.delete()
        cable2.delete()
        connect(first, port2, cable1)
        connect(second, port1, cable2)
        nb.extras.journal_entries.create(
            assigned_object_type="dcim.device",
            assigned_object_id=device.id,
            kind="warning",
            comments=f"Cable inversion: {first.name} is in {port2.name}, {second.name} is in {port1.name}.",
        )
        device.status = "failed"
        device.save()

    return invert


phase, count = int(sys.argv[1]), int(sys.argv[2])
roles = [role for role in nb.dcim.device_roles.all() if "Server" in role.name]
servers = [device for role in roles for device in nb.dcim.devices.filter(role_id=role.id)]
change = (phase0, phase1, phase2)[phase]()
started = time.monotonic()
for server in servers[:count]:
    change(server)
print(time.monotonic() - started)
