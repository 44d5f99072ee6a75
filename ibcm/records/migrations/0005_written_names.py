"""Organizations and rounds get the keys by which a written name finds who is called so: assignment writes them."""

from django.db import migrations


def assign_again(apps, schema_editor):
    """The next ingest, or the clock, works them off; their entities and ids stay what they are."""
    records = apps.get_model("records", "Record").objects
    records.filter(label__in=("Organization", "Funding"), deleted=False).update(staged=True)


class Migration(migrations.Migration):
    dependencies = [("records", "0004_terms")]

    operations = [migrations.RunPython(assign_again, migrations.RunPython.noop)]
