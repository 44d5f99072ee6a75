"""Every digest of what was forgotten is kept, beside the moment until which nothing is heard."""

from typing import Any

from django.db import migrations, models
from django.db.models import F

import ibcm.records.fields

HEARD = "Nothing that was read until then is heard: it was forgotten."
PAGE = 1000


def carry_over(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001 - Django's signature
    """What was forgotten until now is known by the last digest of each record."""
    record, content = apps.get_model("records", "Record"), apps.get_model("records", "ForgottenContent")
    held = record.objects.exclude(forgotten="")
    held.update(forgotten_at=F("retrieved_at"))
    digests = held.values_list("forgotten", flat=True).iterator()
    content.objects.bulk_create((content(digest=digest) for digest in digests), PAGE, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("records", "0005_written_names")]

    operations = [
        migrations.CreateModel(
            name="ForgottenContent",
            fields=[
                (
                    "digest",
                    ibcm.records.fields.KeyField(
                        help_text="sha256 of what was said.", max_length=64, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={"verbose_name_plural": "forgotten contents"},
        ),
        migrations.AddField(
            model_name="record",
            name="forgotten_at",
            field=models.DateTimeField(blank=True, help_text=HEARD, null=True),
        ),
        migrations.RunPython(carry_over, migrations.RunPython.noop),
        migrations.RemoveField(model_name="record", name="forgotten"),
    ]
