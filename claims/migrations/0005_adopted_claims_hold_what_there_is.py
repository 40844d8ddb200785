"""An adopted claim holds at most what its refund line has; the trigger counts what is held, not what was claimed."""

from django.db import migrations, models


FUNCTION = """
CREATE OR REPLACE FUNCTION claimline_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_line bigint := CASE WHEN TG_OP <> 'INSERT' AND OLD.holds THEN OLD.refund_line_id END;
    new_line bigint := CASE WHEN TG_OP <> 'DELETE' AND NEW.holds THEN NEW.refund_line_id END;
    old_quantity bigint; old_minor bigint; new_quantity bigint; new_minor bigint;
BEGIN
    IF old_line IS NOT NULL THEN
        old_quantity := coalesce(OLD.held_quantity, OLD.quantity);
        old_minor := coalesce(OLD.held_minor, OLD.claimed_minor);
    END IF;
    IF new_line IS NOT NULL THEN
        new_quantity := coalesce(NEW.held_quantity, NEW.quantity);
        new_minor := coalesce(NEW.held_minor, NEW.claimed_minor);
    END IF;
    IF old_line IS NOT DISTINCT FROM new_line THEN
        IF new_line IS NOT NULL AND (old_quantity, old_minor) <> (new_quantity, new_minor) THEN
            UPDATE claims_refundline
               SET held_quantity = held_quantity + new_quantity - old_quantity,
                   held_minor = held_minor + new_minor - old_minor
             WHERE id = new_line;
        END IF;
        RETURN NULL;
    END IF;
    IF old_line IS NOT NULL THEN
        UPDATE claims_refundline SET held_quantity = held_quantity - old_quantity, held_minor = held_minor - old_minor
         WHERE id = old_line;
    END IF;
    IF new_line IS NOT NULL THEN
        UPDATE claims_refundline SET held_quantity = held_quantity + new_quantity, held_minor = held_minor + new_minor
         WHERE id = new_line;
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("claims", "0004_how_the_desk_works"),
    ]

    operations = [
        migrations.AddField(
            model_name='claimline',
            name='held_minor',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='claimline',
            name='held_quantity',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='claimline',
            name='sku_given',
            field=models.BooleanField(default=True),
        ),
        migrations.AddConstraint(
            model_name='claimline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('held_minor__isnull', True), ('held_quantity__isnull', True)), models.Q(('held_minor__gte', 0), ('held_minor__lte', models.F('claimed_minor')), ('held_quantity__lte', models.F('quantity'))), _connector='OR'), name='claimline_holds_no_more_than_claimed'),
        ),
        migrations.RunSQL(FUNCTION, migrations.RunSQL.noop),
    ]
