"""Names of fields and models are marked for translation. Nothing changes in the tables."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('claims', '0004_codes_for_sentences'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='clockrule',
            name='answer_unit',
            field=models.CharField(choices=[('CALENDAR', 'CALENDAR'), ('BUSINESS', 'BUSINESS')], default='CALENDAR', max_length=8, verbose_name='answer unit'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='appeal_unit',
            field=models.CharField(choices=[('CALENDAR', 'CALENDAR'), ('BUSINESS', 'BUSINESS')], default='CALENDAR', max_length=8, verbose_name='appeal unit'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='four_eyes_currency',
            field=models.CharField(blank=True, max_length=3, verbose_name='four eyes currency'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='key',
            field=models.SlugField(max_length=64, verbose_name='key'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='loaded_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='loaded at'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='marketplace',
            field=models.CharField(blank=True, max_length=32, verbose_name='marketplace'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='name',
            field=models.CharField(max_length=100, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='note',
            field=models.TextField(blank=True, verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='program',
            field=models.CharField(blank=True, max_length=32, verbose_name='program'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='reply_unit',
            field=models.CharField(choices=[('CALENDAR', 'CALENDAR'), ('BUSINESS', 'BUSINESS')], default='CALENDAR', max_length=8, verbose_name='reply unit'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='source',
            field=models.CharField(max_length=500, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='clockrule',
            name='version',
            field=models.PositiveIntegerField(verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='outage',
            name='at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='at'),
        ),
        migrations.AlterField(
            model_name='outage',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by'),
        ),
        migrations.AlterField(
            model_name='outage',
            name='ends_at',
            field=models.DateTimeField(verbose_name='ends at'),
        ),
        migrations.AlterField(
            model_name='outage',
            name='reason',
            field=models.CharField(help_text='Sellers read it', max_length=500, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='outage',
            name='starts_at',
            field=models.DateTimeField(verbose_name='starts at'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='effective_from',
            field=models.DateField(null=True, verbose_name='effective from'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='effective_to',
            field=models.DateField(null=True, verbose_name='effective to'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='key',
            field=models.SlugField(max_length=64, verbose_name='key'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='loaded_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='loaded at'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='marketplace',
            field=models.CharField(blank=True, max_length=32, verbose_name='marketplace'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='name',
            field=models.CharField(max_length=100, verbose_name='name'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='note',
            field=models.TextField(blank=True, verbose_name='note'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='order_cap_currency',
            field=models.CharField(blank=True, max_length=3, verbose_name='order cap currency'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='program',
            field=models.CharField(blank=True, max_length=32, verbose_name='program'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='reason',
            field=models.CharField(blank=True, max_length=32, verbose_name='reason'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='region',
            field=models.CharField(blank=True, max_length=32, verbose_name='region'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='source',
            field=models.CharField(max_length=500, verbose_name='source'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='sub_reason',
            field=models.CharField(blank=True, max_length=32, verbose_name='sub reason'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='trigger',
            field=models.CharField(choices=[('REFUND', 'REFUND'), ('RETURN_DELIVERY', 'RETURN_DELIVERY'), ('LATER_OF_BOTH', 'LATER_OF_BOTH'), ('LAST_SCAN', 'LAST_SCAN'), ('RETURN_REQUEST', 'RETURN_REQUEST')], max_length=16, verbose_name='trigger'),
        ),
        migrations.AlterField(
            model_name='policyrule',
            name='version',
            field=models.PositiveIntegerField(verbose_name='version'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='created_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='created at'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='entry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', related_query_name='told_by', to='claims.ledgerentry', verbose_name='entry'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='payment',
            field=models.CharField(max_length=200, unique=True, verbose_name='payment'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='refund_line',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.refundline', verbose_name='refund line'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='settled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='settled by'),
        ),
    ]
