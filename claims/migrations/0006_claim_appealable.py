"""What can still be appealed is found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0005_names_of_fields"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                models.F("seller"),
                models.F("appeal_by"),
                condition=models.Q(("status__in", ["DENIED", "GRANTED"])),
                name="claim_appealable",
            ),
        ),
    ]
