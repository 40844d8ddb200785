"""What a superuser asks for somebody else's sign-in."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_links_are_made_from_the_row'),
    ]

    operations = [
        migrations.CreateModel(
            name='SignInChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('LINK', 'Link to set a password'), ('EMAIL', 'Another e-mail address')], max_length=5, verbose_name='what')),
                ('email', models.EmailField(blank=True, default='', max_length=254, verbose_name='new e-mail')),
                ('asked_at', models.DateTimeField(verbose_name='asked')),
                ('due_at', models.DateTimeField(help_text='Empty: when another superuser confirms it', null=True, verbose_name='due')),
                ('confirmed_at', models.DateTimeField(null=True, verbose_name='confirmed')),
                ('done_at', models.DateTimeField(null=True, verbose_name='done')),
                ('cancelled_at', models.DateTimeField(null=True, verbose_name='cancelled')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='asked by')),
                ('cancelled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='cancelled by')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmed by')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='for')),
            ],
            options={
                'verbose_name': 'change of a sign-in',
                'verbose_name_plural': 'changes of sign-ins',
                'indexes': [models.Index(models.F('due_at'), condition=models.Q(('cancelled_at__isnull', True), ('done_at__isnull', True)), name='signinchange_open')],
                'constraints': [models.UniqueConstraint(models.F('user'), models.F('kind'), condition=models.Q(('cancelled_at__isnull', True), ('done_at__isnull', True)), name='signinchange_one_open'), models.CheckConstraint(condition=models.Q(models.Q(('email', ''), ('kind', 'LINK')), models.Q(('kind', 'EMAIL'), models.Q(('email', ''), _negated=True)), _connector='OR'), name='signinchange_names_its_address'), models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('asked_by')), _negated=True), models.Q(('confirmed_by', models.F('user')), _negated=True)), _connector='OR'), name='signinchange_confirmed_by_another'), models.CheckConstraint(condition=models.Q(('done_at__isnull', True), models.Q(('cancelled_at__isnull', True), ('due_at__isnull', False), ('due_at__lte', models.F('done_at'))), _connector='OR'), name='signinchange_done_when_due')],
            },
        ),
    ]
