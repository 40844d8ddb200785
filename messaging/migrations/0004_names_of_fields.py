"""Names of fields and models are marked for translation. Nothing changes in the tables."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_names_of_fields'),
        ('claims', '0005_names_of_fields'),
        ('messaging', '0003_codes_for_sentences'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='originalmail',
            name='cause',
            field=models.CharField(blank=True, max_length=300, verbose_name='cause'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='claim',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim', verbose_name='claim'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='erased_at',
            field=models.DateTimeField(null=True, verbose_name='erased at'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='imported_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='imported at'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='matched_at',
            field=models.DateTimeField(help_text='When a handler put it into its thread by hand', null=True, verbose_name='matched at'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='matched_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='matched by'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='message',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='messaging.message', verbose_name='message'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='seller',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller', verbose_name='seller'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='sent_at',
            field=models.DateTimeField(null=True, verbose_name='sent at'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='sha256',
            field=models.CharField(max_length=64, unique=True, verbose_name='sha256'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='size',
            field=models.BigIntegerField(verbose_name='size'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='source',
            field=models.CharField(blank=True, max_length=300, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='state',
            field=models.CharField(choices=[('IMPORTED', 'In a thread'), ('QUARANTINED', 'Not matched'), ('REFUSED', 'Refused')], max_length=11, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='storage_key',
            field=models.CharField(max_length=200, verbose_name='storage key'),
        ),
        migrations.AlterField(
            model_name='originalmail',
            name='subject',
            field=models.TextField(blank=True, verbose_name='subject'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='address',
            field=models.EmailField(blank=True, help_text='Where it was sent', max_length=254, verbose_name='address'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='attempts',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='attempts'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='cause',
            field=models.CharField(blank=True, help_text='A code of ours, or what the mail server said, why it is not sent', max_length=300, verbose_name='cause'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='claim',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim', verbose_name='claim'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='extra_address',
            field=models.EmailField(max_length=254, null=True, verbose_name='extra address'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='kind',
            field=models.CharField(choices=[('filed', 'Filed'), ('information-requested', 'Information Requested'), ('reply-received', 'Reply Received'), ('granted', 'Granted'), ('partly-granted', 'Partly Granted'), ('denied', 'Denied'), ('lapsed', 'Lapsed'), ('appeal-filed', 'Appeal Filed'), ('appeal-raised', 'Appeal Raised'), ('appeal-confirmed', 'Appeal Confirmed'), ('appeal-lapsed', 'Appeal Lapsed'), ('withdrawn', 'Withdrawn'), ('message', 'Message'), ('reply-by-moved', 'Reply By Moved'), ('decision-corrected', 'Decision Corrected'), ('paid', 'Paid'), ('payment-reversed', 'Payment Reversed'), ('file-not-accepted', 'File Not Accepted'), ('redacted', 'Redacted'), ('reminder-reply', 'Reminder Reply'), ('reminder-appeal', 'Reminder Appeal'), ('reminder-refund', 'Reminder Refund'), ('reminder-draft', 'Reminder Draft'), ('digest', 'Digest'), ('invitation', 'Invitation'), ('confirm-address', 'Confirm Address'), ('password-reset', 'Password Reset'), ('password-link', 'Password Link'), ('address-changed', 'Address Changed'), ('sign-in-change', 'Sign In Change'), ('factor-changed', 'Factor Changed')], max_length=24, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='lease',
            field=models.UUIDField(help_text='The run of delivery that has it in hand', null=True, verbose_name='lease'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='leased_until',
            field=models.DateTimeField(null=True, verbose_name='leased until'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='next_attempt_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='next attempt at'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='occasion',
            field=models.CharField(max_length=120, verbose_name='occasion'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='params',
            field=models.JSONField(default=dict, verbose_name='params'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='position',
            field=models.PositiveIntegerField(help_text='The entry of the thread it links to', null=True, verbose_name='position'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='scheduled_at',
            field=models.DateTimeField(help_text='What the clock said when the next attempt was set; empty: when it was made', null=True, verbose_name='scheduled at'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='seller',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller', verbose_name='seller'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='sent_at',
            field=models.DateTimeField(null=True, verbose_name='sent at'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='set_aside_at',
            field=models.DateTimeField(help_text='When an operator was done with it, unsent as it is', null=True, verbose_name='set aside at'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='state',
            field=models.CharField(choices=[('QUEUED', 'Queued'), ('SENDING', 'Being sent'), ('SENT', 'Sent'), ('BOUNCED', 'Bounced'), ('FAILED', 'Failed'), ('SUPPRESSED', 'Not sent'), ('DIGEST', 'In the daily digest')], default='QUEUED', max_length=10, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='user'),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='uuid',
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='uuid'),
        ),
    ]
