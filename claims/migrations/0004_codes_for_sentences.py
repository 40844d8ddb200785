"""Why a proposal came back is the handler's words only; that they were redacted is a column of its own.

Those the earlier version redacts while this one runs hold the whole sentence, and end when their claim moves.
"""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0003_batch_remarks'),
    ]

    operations = [
        migrations.AddField(
            model_name='proposeddecision',
            name='sent_back_redacted',
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
