from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the table is large where it is in use, and goes on being written

    dependencies = [("messaging", "0007_returned_mail")]

    operations = [
        AddIndexConcurrently(
            model_name="outgoingemail",
            index=models.Index(
                models.F("created_at"), condition=models.Q(("kind", "sign-in-library")), name="email_of_library"
            ),
        ),
    ]
