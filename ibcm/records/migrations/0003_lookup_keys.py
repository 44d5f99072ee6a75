"""Records with a position or a polygon get the keys by which areas and stops find them: assignment writes them."""

from django.db import migrations


def assign_again(apps, schema_editor):
    """The next ingest, or the clock, works them off; their entities and ids stay what they are."""
    records = apps.get_model("records", "Record").objects
    records.filter(label__in=("Place", "Area", "Stop", "Event"), deleted=False).update(staged=True)


class Migration(migrations.Migration):
    dependencies = [("records", "0002_resolution")]

    operations = [migrations.RunPython(assign_again, migrations.RunPython.noop)]
