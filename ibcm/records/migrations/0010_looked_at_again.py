"""Records with an address that were merged, or may be one, are compared again: numbers of streets, blocks and floors tell
more apart than before. And what is left of what was forgotten, or is over, is what is left of it today."""

from django.db import migrations
from django.db.models import Exists, OuterRef, Q

FORGOTTEN_BEFORE, FORGOTTEN = "~forgotten", "!forgotten"


def look_again(apps, schema_editor):
    """The next ingest, or the clock, works them off; their entities keep their ids."""
    records, pairs = apps.get_model("records", "Record").objects, apps.get_model("records", "Pair").objects
    paired = Q(Exists(pairs.filter(left=OuterRef("ref")))) | Q(Exists(pairs.filter(right=OuterRef("ref"))))
    records.filter(paired, payload__contains='"address"', deleted=False).exclude(label="").update(staged=True)


def leave_no_more(apps, schema_editor):
    """Any content that was read at the moment of the hash of before lost to it."""
    records = apps.get_model("records", "Record").objects
    records.filter(hash=FORGOTTEN_BEFORE).update(hash=FORGOTTEN)
    records.filter(deleted=True, turns_at__isnull=False).update(turns_at=None)


class Migration(migrations.Migration):
    dependencies = [("records", "0009_areas_all_the_way_up")]

    operations = [
        migrations.RunPython(look_again, migrations.RunPython.noop),
        migrations.RunPython(leave_no_more, migrations.RunPython.noop),
    ]
