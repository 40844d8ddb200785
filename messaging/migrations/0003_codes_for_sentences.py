"""Internal notes about what was done, and the causes of unsent e-mails, are kept as codes with values.

Notes without a code, and causes that are sentences, are those of the earlier version, which writes them while this one
runs; they are shown as they are. Nothing is to be dropped later: from now on `text` and `cause` hold people's and mail
servers' own words, and codes.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0002_integrity'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='internalnote',
            name='about',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='internalnote',
            name='amount_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='internalnote',
            name='code',
            field=models.CharField(blank=True, choices=[('PROPOSED', 'Proposed'), ('CORRECTION_PROPOSED', 'Correction Proposed'), ('SENT_BACK', 'Sent Back'), ('APPEAL_RELEASED', 'Appeal Released')], db_default='', default='', max_length=24),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='cause',
            field=models.CharField(blank=True, help_text='A code of ours, or what the mail server said, why it is not sent', max_length=300),
        ),
    ]
