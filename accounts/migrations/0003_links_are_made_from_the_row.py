"""The secret of an invitation is made from its row and the portal's key. Links given out before lead nowhere."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_staff_hold_no_membership")]
    operations = [
        migrations.AddField("invitation", "uuid", models.UUIDField(default=uuid.uuid4, editable=False, null=True)),
        migrations.RunSQL("UPDATE accounts_invitation SET uuid = gen_random_uuid()", migrations.RunSQL.noop),
        migrations.AlterField("invitation", "uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
        migrations.RemoveField("invitation", "token_hash"),
    ]
