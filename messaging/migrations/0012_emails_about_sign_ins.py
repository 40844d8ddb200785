"""E-mails about how people sign in."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_sign_in_changes'),
        ('claims', '0026_indexes_of_the_queue'),
        ('messaging', '0011_notes_may_be_taken_out'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='emailpreference',
            name='kind',
            field=models.CharField(choices=[('filed', 'Filed'), ('information-requested', 'Information Requested'), ('reply-received', 'Reply Received'), ('granted', 'Granted'), ('partly-granted', 'Partly Granted'), ('denied', 'Denied'), ('lapsed', 'Lapsed'), ('appeal-filed', 'Appeal Filed'), ('appeal-raised', 'Appeal Raised'), ('appeal-confirmed', 'Appeal Confirmed'), ('appeal-lapsed', 'Appeal Lapsed'), ('withdrawn', 'Withdrawn'), ('message', 'Message'), ('reply-by-moved', 'Reply By Moved'), ('decision-corrected', 'Decision Corrected'), ('paid', 'Paid'), ('payment-reversed', 'Payment Reversed'), ('file-not-accepted', 'File Not Accepted'), ('redacted', 'Redacted'), ('reminder-reply', 'Reminder Reply'), ('reminder-appeal', 'Reminder Appeal'), ('reminder-refund', 'Reminder Refund'), ('reminder-draft', 'Reminder Draft'), ('digest', 'Digest'), ('invitation', 'Invitation'), ('confirm-address', 'Confirm Address'), ('password-reset', 'Password Reset'), ('password-link', 'Password Link'), ('address-changed', 'Address Changed'), ('sign-in-change', 'Sign In Change')], max_length=24),
        ),
        migrations.AlterField(
            model_name='outgoingemail',
            name='kind',
            field=models.CharField(choices=[('filed', 'Filed'), ('information-requested', 'Information Requested'), ('reply-received', 'Reply Received'), ('granted', 'Granted'), ('partly-granted', 'Partly Granted'), ('denied', 'Denied'), ('lapsed', 'Lapsed'), ('appeal-filed', 'Appeal Filed'), ('appeal-raised', 'Appeal Raised'), ('appeal-confirmed', 'Appeal Confirmed'), ('appeal-lapsed', 'Appeal Lapsed'), ('withdrawn', 'Withdrawn'), ('message', 'Message'), ('reply-by-moved', 'Reply By Moved'), ('decision-corrected', 'Decision Corrected'), ('paid', 'Paid'), ('payment-reversed', 'Payment Reversed'), ('file-not-accepted', 'File Not Accepted'), ('redacted', 'Redacted'), ('reminder-reply', 'Reminder Reply'), ('reminder-appeal', 'Reminder Appeal'), ('reminder-refund', 'Reminder Refund'), ('reminder-draft', 'Reminder Draft'), ('digest', 'Digest'), ('invitation', 'Invitation'), ('confirm-address', 'Confirm Address'), ('password-reset', 'Password Reset'), ('password-link', 'Password Link'), ('address-changed', 'Address Changed'), ('sign-in-change', 'Sign In Change')], max_length=24),
        ),
        migrations.AddIndex(
            model_name='outgoingemail',
            index=models.Index(models.F('created_at'), condition=models.Q(('kind', 'password-reset')), name='email_of_reset'),
        ),
    ]
