"""Indexes of assignment: the holders of a key are read from the index alone, and what waits comes city by city."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0006_forgotten_contents")]

    operations = [
        migrations.RemoveIndex(model_name="blockingkey", name="blocking_key"),
        migrations.RemoveIndex(model_name="record", name="record_staged"),
        migrations.AddIndex(
            model_name="blockingkey",
            index=models.Index(fields=["label", "key", "record"], name="blocking_key"),
        ),
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                fields=["label", "-urgent", "city", "ref"], condition=models.Q(staged=True), name="record_staged"
            ),
        ),
    ]
