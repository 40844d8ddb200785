"""Many drafts at once: batches and their rows, each row of its batch's seller."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_links_are_made_from_the_row'),
        ('claims', '0013_refunds_by_tab'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(choices=[('DRAFTS', 'Make drafts'), ('SUBMIT', 'Submit drafts')], max_length=6)),
                ('name', models.CharField(blank=True, max_length=150, verbose_name='file')),
                ('accepted', models.JSONField(default=list)),
                ('total', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='BatchRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('order_id', models.CharField(blank=True, max_length=64)),
                ('sku', models.CharField(blank=True, max_length=64, verbose_name='SKU')),
                ('given', models.JSONField(default=dict)),
                ('result', models.CharField(blank=True, choices=[('', 'Waiting'), ('MADE', 'Draft made'), ('CHANGED', 'Draft changed'), ('SAME', 'Draft was there already'), ('REFUSED', 'Left out'), ('FILED', 'Filed'), ('FILED_BEFORE', 'Was filed before'), ('LEFT', 'Not filed, draft kept')], default='', max_length=12)),
                ('words', models.JSONField(default=list)),
                ('is_complete', models.BooleanField(default=False)),
                ('draft_uuid', models.UUIDField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='claims.batch')),
                ('claim', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.claim')),
                ('policy_rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='claims.policyrule')),
                ('seller', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller')),
            ],
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(models.F('user'), models.F('seller'), models.OrderBy(models.F('created_at'), descending=True), name='batch_of_user'),
        ),
        migrations.AddIndex(
            model_name='batch',
            index=models.Index(models.F('id'), condition=models.Q(('finished_at', None)), name='batch_unfinished'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(models.F('seller'), models.F('id'), name='batch_in_seller'),
        ),
        migrations.AddIndex(
            model_name='batchrow',
            index=models.Index(models.F('batch'), models.F('number'), condition=models.Q(('result', '')), name='batchrow_waiting'),
        ),
        migrations.AddIndex(
            model_name='batchrow',
            index=models.Index(models.F('batch'), models.F('result'), models.F('number'), name='batchrow_by_result'),
        ),
        migrations.AddConstraint(
            model_name='batchrow',
            constraint=models.UniqueConstraint(models.F('batch'), models.F('number'), name='batchrow_once'),
        ),
        migrations.RunSQL(
            """
            ALTER TABLE claims_batchrow
              ADD CONSTRAINT claims_batchrow_batch_same_seller FOREIGN KEY (seller_id, batch_id)
                  REFERENCES claims_batch (seller_id, id) DEFERRABLE INITIALLY DEFERRED,
              ADD CONSTRAINT claims_batchrow_claim_same_seller FOREIGN KEY (seller_id, claim_id)
                  REFERENCES claims_claim (seller_id, id) DEFERRABLE INITIALLY DEFERRED;
            """,
            """
            ALTER TABLE claims_batchrow DROP CONSTRAINT claims_batchrow_batch_same_seller,
                                        DROP CONSTRAINT claims_batchrow_claim_same_seller;
            """,
        ),
    ]
