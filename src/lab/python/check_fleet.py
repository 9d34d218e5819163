"""Lets the configured NetBox look at a fleet that was written by SQL: recomputes whatever it derives, validates objects.

The caller compares the database before and after: a fleet that NetBox would have written itself does not change.
Exits 1 when NetBox's own validation refuses an object, naming it.
"""

import io
import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netbox.settings")

import django  # noqa: E402

django.setup()

from django.apps import apps  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.core.management import call_command  # noqa: E402

DERIVED = (
    ("trace_paths", {"no_input": True}),
    ("calculate_cached_counts", {}),
    ("renaturalize", {}),
    ("rebuild_ltree_paths", {}),
    ("rebuild_prefixes", {}),
    ("rebuild_config_context_cache", {"force": True}),
    ("reindex", {}),
)

MODELS = (
    "dcim.site dcim.location dcim.rack dcim.manufacturer dcim.devicerole dcim.devicetype dcim.interfacetemplate "
    "dcim.device dcim.interface dcim.cable dcim.cabletermination ipam.role ipam.prefix ipam.ipaddress "
    "extras.tag extras.customfield extras.customfieldchoiceset"
).split()

SAMPLE = 60


def sample(model):
    """Objects from the whole range, the first and the last among them."""
    ids = list(model.objects.order_by("pk").values_list("pk", flat=True))
    step = max(1, len(ids) // SAMPLE)
    return model.objects.filter(pk__in={*ids[::step], *ids[-1:]})


def validate():
    refused = 0
    checked = 0
    for label in MODELS:
        for instance in sample(apps.get_model(label)):
            checked += 1
            try:
                instance.full_clean()
            except ValidationError as error:
                refused += 1
                print(f"{label} {instance.pk} ({instance}): {error.message_dict}", file=sys.stderr)
    print(f"{checked} objects validated, {refused} refused")
    return refused


def main():
    refused = validate()
    for command, options in DERIVED:
        call_command(command, stdout=io.StringIO(), **options)
    sys.exit(1 if refused else 0)


if __name__ == "__main__":
    main()
