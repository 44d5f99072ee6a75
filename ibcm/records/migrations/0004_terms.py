"""Why and since when a record is gone, and the digest of what was forgotten."""

from django.db import migrations, models

ENDED = [
    ("tombstone", "its source took it back"),
    ("absent", "its source does not list it any more"),
    ("expired", "its time is over"),
    ("terms", "terms forbid to keep it"),
    ("forgotten", "forgotten by an operator"),
]
FORGOTTEN = "sha256 of what was forgotten, so that it does not come back."


class Migration(migrations.Migration):
    dependencies = [("records", "0003_lookup_keys")]

    operations = [
        migrations.AddField(
            model_name="record",
            name="ended",
            field=models.CharField(blank=True, choices=ENDED, default="", help_text="Why it is gone.", max_length=10),
        ),
        migrations.AddField(
            model_name="record",
            name="ended_at",
            field=models.DateTimeField(blank=True, db_index=True, help_text="Since when it is gone.", null=True),
        ),
        migrations.AddField(
            model_name="record",
            name="forgotten",
            field=models.CharField(blank=True, default="", help_text=FORGOTTEN, max_length=64),
        ),
    ]
