"""Records know when what they say begins or ceases to hold. What was projected before this, or before two spellings of one
value agreed, is projected again."""

from datetime import UTC, datetime

from django.db import migrations, models
from django.db.models import Count, F, Q

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def look_again(apps, schema_editor):
    """Records with a validity are due at once: the clock stages them, and works out when they turn next."""
    records = apps.get_model("records", "Record").objects
    dated = Q(payload__contains='"valid_from"') | Q(payload__contains='"valid_to"')
    records.filter(dated, deleted=False).update(turns_at=LONG_AGO)
    entities = apps.get_model("records", "Entity").objects
    several = records.filter(entity__isnull=False).values("entity").annotate(n=Count("id")).filter(n__gt=1)
    entities.filter(id__in=several.values("entity")).update(dirty=True, revision=F("revision") + 1)


class Migration(migrations.Migration):
    dependencies = [("records", "0007_faster_assignment")]

    operations = [
        migrations.AddField(
            "record",
            "turns_at",
            models.DateTimeField(
                blank=True,
                help_text="When what it says begins or ceases to hold next: then it is projected again.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            "record",
            models.Index(condition=Q(turns_at__isnull=False), fields=["turns_at"], name="record_turns"),
        ),
        migrations.RunPython(look_again, migrations.RunPython.noop),
    ]
