"""Records that name a locality get the key by which an area of that name finds them, and what lies in areas, or names one, is
projected again: areas know whether they are drawn, and names that polygons contradict count no more."""

from django.db import migrations
from django.db.models import F, Q


def look_again(apps, schema_editor):
    """The next ingest, or the clock, works them off; entities and ids stay what they are."""
    records = apps.get_model("records", "Record").objects.filter(deleted=False)
    records.filter(payload__contains='"locality"').exclude(label="").update(staged=True)
    naming = records.filter(Q(payload__contains='"area"') | Q(payload__contains='"locality"'), entity__isnull=False)
    stale = Q(label="Area") | Q(id__in=naming.values("entity"))
    entities = apps.get_model("records", "Entity").objects
    entities.filter(stale, redirect_to=None).update(dirty=True, revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("records", "0008_validity")]

    operations = [migrations.RunPython(look_again, migrations.RunPython.noop)]
