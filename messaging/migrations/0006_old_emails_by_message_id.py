"""References of an e-mail in quarantine are looked up among those in threads."""

from django.contrib.postgres.indexes import HashIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("messaging", "0005_what_old_emails_are")]
    operations = [
        AddIndexConcurrently(
            "originalmail",
            HashIndex(
                fields=["mail_id"], condition=models.Q(state="IMPORTED"), name="originalmail_by_message_id"
            ),
        ),
    ]
