"""The ledger adds up by itself: triggers keep what was paid, and refuse what was granted beyond what holds it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Payments booked before had no row of their own; those that waited and were booked say so.
TOLD = """
UPDATE claims_unmatchedpayment p SET outcome = 'BOOKED', entry_id = e.id
  FROM claims_ledgerentry e WHERE e.payment = p.payment AND p.matched_at IS NOT NULL;
INSERT INTO claims_unmatchedpayment (seller_id, source, payment, claim_id, order_id, sku, amount_minor, currency, at,
                                     reference, matched_at, outcome, entry_id, why, created_at)
SELECT e.seller_id, 'FINANCES_V0', e.payment, c.claim_id, '', '', e.amount_minor, e.currency, e.at, e.reference,
       e.created_at, 'BOOKED', e.id, '', e.created_at
  FROM claims_ledgerentry e JOIN claims_claim c ON c.id = e.claim_id
 WHERE e.payment IS NOT NULL AND NOT EXISTS (SELECT 1 FROM claims_unmatchedpayment p WHERE p.payment = e.payment);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""
FORWARD = """
CREATE FUNCTION ledger_booked() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text;
BEGIN
    SELECT currency INTO kept FROM claims_claim WHERE id = NEW.claim_id;
    IF kept <> NEW.currency THEN
        RAISE EXCEPTION 'a booking in % on a claim in %', NEW.currency, kept
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_in_currency_of_claim';
    END IF;
    IF NEW.claim_line_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM claims_claimline WHERE id = NEW.claim_line_id AND claim_id = NEW.claim_id) THEN
        RAISE EXCEPTION 'a booking on a line of another claim'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_line_of_its_claim';
    END IF;
    IF NEW.kind IN ('PAID', 'REVERSED') THEN
        UPDATE claims_claim SET paid_minor = paid_minor + NEW.amount_minor WHERE id = NEW.claim_id;
    ELSIF NEW.claim_line_id IS NULL THEN
        RAISE EXCEPTION 'a booking of kind % needs its line', NEW.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_granted_by_line';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_booked AFTER INSERT ON claims_ledgerentry FOR EACH ROW EXECUTE FUNCTION ledger_booked();

CREATE FUNCTION claimline_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approved_minor > NEW.held_minor THEN
        RAISE EXCEPTION 'granted more than the claim holds of its refund'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claimline_granted_within_refund';
    END IF;
    IF NEW.approved_minor > 0 AND NOT NEW.holds THEN
        RAISE EXCEPTION 'granted on a line that holds nothing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claimline_granted_holds';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER claimline_granted BEFORE UPDATE OF approved_minor ON claims_claimline FOR EACH ROW
    WHEN (NEW.approved_minor > OLD.approved_minor) EXECUTE FUNCTION claimline_granted();

CREATE FUNCTION ledger_adds_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    line bigint;
    here boolean;
    granted bigint;
    asked bigint;
    booked bigint;
    claimed bigint;
BEGIN
    IF TG_TABLE_NAME = 'claims_ledgerentry' THEN
        line := NEW.claim_line_id;
    ELSE
        line := NEW.id;
    END IF;
    IF line IS NULL THEN
        RETURN NULL;
    END IF;
    -- The lock makes two transactions that book on one line see each other.
    SELECT c.origin = 'FILED', l.approved_minor, l.claimed_minor INTO here, granted, asked
      FROM claims_claimline l JOIN claims_claim c ON c.id = l.claim_id WHERE l.id = line FOR NO KEY UPDATE OF l;
    SELECT coalesce(sum(amount_minor) FILTER (WHERE kind IN ('APPROVED', 'CORRECTION', 'APPEAL_DELTA')), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'CLAIMED'), 0)
      INTO booked, claimed FROM claims_ledgerentry WHERE claim_line_id = line;
    IF booked > granted OR (here AND booked <> granted) OR claimed NOT IN (0, asked) THEN
        RAISE EXCEPTION 'the ledger of a line has % of % granted and % of % claimed', booked, granted, claimed, asked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_adds_up';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER ledger_adds_up AFTER INSERT ON claims_ledgerentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION ledger_adds_up();
CREATE CONSTRAINT TRIGGER ledger_adds_up AFTER UPDATE OF approved_minor, claimed_minor ON claims_claimline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_adds_up();
"""
BACKWARD = """
DROP TRIGGER ledger_adds_up ON claims_claimline;
DROP TRIGGER ledger_adds_up ON claims_ledgerentry;
DROP FUNCTION ledger_adds_up();
DROP TRIGGER claimline_granted ON claims_claimline;
DROP FUNCTION claimline_granted();
DROP TRIGGER ledger_booked ON claims_ledgerentry;
DROP FUNCTION ledger_booked();
"""
SAME_SELLER = (
    "ALTER TABLE claims_unmatchedpayment ADD CONSTRAINT claims_unmatchedpayment_entry_same_seller "
    "FOREIGN KEY (seller_id, entry_id) REFERENCES claims_ledgerentry (seller_id, id) DEFERRABLE INITIALLY DEFERRED"
)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_links_are_made_from_the_row'),
        ("claims", "0011_policy_in_full"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='unmatchedpayment',
            options={'verbose_name': 'payment'},
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='entry',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='told_by', to='claims.ledgerentry'),
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'Waiting'), ('BOOKED', 'Booked'), ('SAME', 'Booked from another source'), ('SET_ASIDE', 'Set aside')], max_length=9, verbose_name='outcome'),
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='settled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='sku',
            field=models.CharField(blank=True, max_length=64, verbose_name='SKU'),
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='source',
            field=models.CharField(choices=[('FINANCES_V0', 'Finances v0'), ('FINANCES_2024', 'Finances 2024-06-19'), ('SETTLEMENT', 'Settlement report V2'), ('DATE_RANGE', 'Date-range report')], default='FINANCES_V0', max_length=13, verbose_name='source'),
        ),
        migrations.AddField(
            model_name='unmatchedpayment',
            name='why',
            field=models.CharField(blank=True, max_length=500, verbose_name='why'),
        ),
        migrations.AlterField(
            model_name='claim',
            name='paid_minor',
            field=models.BigIntegerField(db_default=0, default=0, editable=False, verbose_name='paid, minor units'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='amount_minor',
            field=models.BigIntegerField(verbose_name='amount, minor units'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='at',
            field=models.DateTimeField(verbose_name='posted'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='claim_id',
            field=models.CharField(blank=True, max_length=19, verbose_name='claim id'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='currency',
            field=models.CharField(max_length=3, verbose_name='currency'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='matched_at',
            field=models.DateTimeField(null=True, verbose_name='settled'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='order_id',
            field=models.CharField(blank=True, max_length=19, verbose_name='order id'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='reference',
            field=models.CharField(blank=True, max_length=100, verbose_name='reference'),
        ),
        migrations.AlterField(
            model_name='unmatchedpayment',
            name='seller',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.seller', verbose_name='seller'),
        ),
        migrations.AlterField(
            model_name='claimline',
            name='sku_given',
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.RunSQL(TOLD, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name='unmatchedpayment',
            index=models.Index(models.F('order_id'), condition=models.Q(('matched_at__isnull', True)), name='payment_of_order'),
        ),
        migrations.AddIndex(
            model_name='unmatchedpayment',
            index=models.Index(models.F('at'), models.F('id'), condition=models.Q(('matched_at__isnull', True)), name='payment_waiting'),
        ),
        migrations.AddConstraint(
            model_name='claim',
            constraint=models.CheckConstraint(condition=models.Q(('paid_minor__gte', 0)), name='claim_paid_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='unmatchedpayment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', True), ('matched_at__isnull', True), ('outcome', '')), models.Q(('entry__isnull', False), ('matched_at__isnull', False), ('outcome__in', ['BOOKED', 'SAME'])), models.Q(('entry__isnull', True), ('matched_at__isnull', False), ('outcome', 'SET_ASIDE'), models.Q(('why', ''), _negated=True)), _connector='OR'), name='payment_settled_or_waiting'),
        ),
        migrations.AddConstraint(
            model_name='unmatchedpayment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor', 0), _negated=True), name='payment_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='unmatchedpayment',
            constraint=models.UniqueConstraint(models.F('entry'), models.F('source'), name='payment_told_once_a_source'),
        ),
        migrations.AddConstraint(
            model_name='ledgerentry',
            constraint=models.UniqueConstraint(models.F('seller'), models.F('id'), name='ledger_in_seller'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL(
            SAME_SELLER,
            "ALTER TABLE claims_unmatchedpayment DROP CONSTRAINT claims_unmatchedpayment_entry_same_seller",
        ),
    ]
