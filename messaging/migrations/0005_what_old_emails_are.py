"""What is known of an old e-mail beside its words: which kind it is, who wrote it, what is in the original alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0004_names_of_fields")]
    operations = [
        migrations.AddField(
            "originalmail",
            "kind",
            models.CharField(
                "kind",
                max_length=10,
                choices=[
                    ("MAIL", "E-mail"),
                    ("AUTO_REPLY", "Automatic reply"),
                    ("BOUNCE", "Delivery report"),
                    ("LIST", "Mail to a list"),
                    ("DRAFT", "Draft"),
                ],
                default="MAIL",
                db_default="MAIL",
            ),
        ),
        migrations.AddField(
            "originalmail",
            "written_by",
            models.CharField(
                "written by",
                max_length=400,
                blank=True,
                default="",
                db_default="",
                help_text="Who wrote it, as the e-mail says",
            ),
        ),
        migrations.AddField(
            "originalmail",
            "dated_at",
            models.DateTimeField(
                "dated at",
                null=True,
                help_text="What its own date says, where that is not believed",
            ),
        ),
        migrations.AddField(
            "originalmail",
            "moment_unsure",
            models.BooleanField(
                "moment unsure",
                default=False,
                db_default=False,
                help_text="It may have been written at any time before it was imported",
            ),
        ),
        migrations.AddField(
            "originalmail",
            "notes",
            models.JSONField(
                "notes",
                default=dict,
                db_default=models.Value({}, models.JSONField()),
                blank=True,
                help_text="What the thread says beside its words: files in the original alone, whether it is cut off",
            ),
        ),
    ]
