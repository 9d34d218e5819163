"""Writes a fleet (JSON on stdin) into the configured NetBox through NetBox's own models, one save() per object.

The reference that src/lab/fleet/sql*.ts is compared with: whatever NetBox derives (paths, counters, caches, natural
names) it derives here itself. Objects are created in the order of the fleet, so that ids agree with the SQL's.
"""

import io
import json
import os
import sys
from decimal import Decimal

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netbox.settings")

import django  # noqa: E402

django.setup()

from core.models import ObjectType  # noqa: E402
from dcim.models import (  # noqa: E402
    Cable,
    Device,
    DeviceRole,
    DeviceType,
    Interface,
    InterfaceTemplate,
    Location,
    Manufacturer,
    Rack,
    Site,
)
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from extras.models import CustomField, CustomFieldChoiceSet, Tag  # noqa: E402
from ipam.models import IPAddress, Prefix, Role  # noqa: E402


def save(instance):
    instance.full_clean()
    instance.save()
    return instance


def write_organisation(fleet):
    sets = {
        row["name"]: save(CustomFieldChoiceSet(name=row["name"], extra_choices=row["choices"]))
        for row in fleet["choiceSets"]
    }
    for row in fleet["customFields"]:
        field = save(
            CustomField(
                name=row["name"],
                label=row["label"],
                type=row["type"],
                description=row["description"],
                group_name=row["group"],
                choice_set=sets.get(row.get("choiceSet")),
            )
        )
        field.object_types.set([ObjectType.objects.get_for_model(Device)])
    return {
        row["slug"]: save(
            Tag(name=row["name"], slug=row["slug"], color=row["color"], description=row["description"])
        )
        for row in fleet["tags"]
    }


def write_places(fleet):
    row = fleet["site"]
    site = save(
        Site(
            name=row["name"],
            slug=row["slug"],
            facility=row["facility"],
            description=row["description"],
            physical_address=row["physicalAddress"],
        )
    )
    halls = {
        row["slug"]: save(Location(site=site, name=row["name"], slug=row["slug"])) for row in fleet["locations"]
    }
    racks = {
        row["name"]: save(
            Rack(
                site=site,
                location=halls[row["location"]],
                name=row["name"],
                facility_id=row["facilityId"],
                u_height=row["uHeight"],
            )
        )
        for row in fleet["racks"]
    }
    return site, racks


def write_types(fleet):
    makers = {
        row["slug"]: save(Manufacturer(name=row["name"], slug=row["slug"])) for row in fleet["manufacturers"]
    }
    types = {}
    for row in fleet["deviceTypes"]:
        weight = row.get("weightKg")
        types[row["slug"]] = device_type = save(
            DeviceType(
                manufacturer=makers[row["manufacturer"]],
                model=row["model"],
                slug=row["slug"],
                part_number=row["partNumber"],
                u_height=row["uHeight"],
                weight=weight,
                weight_unit="kg" if weight is not None else None,
            )
        )
        for port in row["interfaces"]:
            save(
                InterfaceTemplate(
                    device_type=device_type, name=port["name"], type=port["type"], mgmt_only=port["mgmtOnly"]
                )
            )
    roles = {
        row["slug"]: save(
            DeviceRole(
                name=row["name"],
                slug=row["slug"],
                color=row["color"],
                description=row["description"],
                vm_role=False,
            )
        )
        for row in fleet["deviceRoles"]
    }
    return types, roles


def write_devices(fleet, site, racks, types, roles, tags):
    for row in fleet["devices"]:
        rack = racks[row["rack"]]
        device = save(
            Device(
                name=row["name"],
                role=roles[row["role"]],
                device_type=types[row["deviceType"]],
                serial=row["serial"],
                asset_tag=row.get("assetTag"),
                site=site,
                location=rack.location,
                rack=rack,
                position=row["position"],
                face="front",
                status=row["status"],
                custom_field_data=row["customFields"],
            )
        )
        if row["tags"]:
            device.tags.set([tags[slug] for slug in row["tags"]])


def write_cables(fleet):
    def port(end):
        return Interface.objects.get(device__name=end["device"], name=end["interface"])

    for row in fleet["cables"]:
        save(
            Cable(
                a_terminations=[port(row["a"])],
                b_terminations=[port(row["b"])],
                label=row["label"],
                type=row["type"],
                color=row["color"],
                length=row["lengthM"],
                length_unit="m",
            )
        )


def write_addressing(fleet, site):
    roles = {
        row["slug"]: save(Role(name=row["name"], slug=row["slug"], description=row["description"]))
        for row in fleet["prefixRoles"]
    }
    for row in fleet["prefixes"]:
        save(
            Prefix(
                prefix=row["prefix"],
                status=row["status"],
                role=roles.get(row.get("role")),
                description=row["description"],
                scope=site,
            )
        )
    for row in fleet["addresses"]:
        save(
            IPAddress(
                address=row["address"],
                status=row["status"],
                dns_name=row["dnsName"],
                description=row["description"],
            )
        )


def main():
    fleet = json.load(sys.stdin, parse_float=Decimal)
    with transaction.atomic():
        tags = write_organisation(fleet)
        site, racks = write_places(fleet)
        types, roles = write_types(fleet)
        write_devices(fleet, site, racks, types, roles, tags)
        write_cables(fleet)
        write_addressing(fleet, site)
    # What NetBox leaves to its background worker and to upgrades.
    for command in ("rebuild_config_context_cache", "reindex"):
        call_command(command, stdout=io.StringIO())


if __name__ == "__main__":
    main()
