"""What is claimed is held: a trigger on claim lines keeps the refund line's held quantity and amount.

Every claim line that `holds` counts. The CHECKs on the refund line then refuse what would pass the refund, whoever
writes and however many write at once: the update below takes the refund line's row lock.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION claimline_holds() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_line bigint := CASE WHEN TG_OP <> 'INSERT' AND OLD.holds THEN OLD.refund_line_id END;
    new_line bigint := CASE WHEN TG_OP <> 'DELETE' AND NEW.holds THEN NEW.refund_line_id END;
BEGIN
    IF old_line IS NOT DISTINCT FROM new_line THEN
        IF new_line IS NOT NULL AND (OLD.quantity <> NEW.quantity OR OLD.claimed_minor <> NEW.claimed_minor) THEN
            UPDATE claims_refundline
               SET held_quantity = held_quantity + NEW.quantity - OLD.quantity,
                   held_minor = held_minor + NEW.claimed_minor - OLD.claimed_minor
             WHERE id = new_line;
        END IF;
        RETURN NULL;
    END IF;
    IF old_line IS NOT NULL THEN
        UPDATE claims_refundline SET held_quantity = held_quantity - OLD.quantity, held_minor = held_minor - OLD.claimed_minor
         WHERE id = old_line;
    END IF;
    IF new_line IS NOT NULL THEN
        UPDATE claims_refundline SET held_quantity = held_quantity + NEW.quantity, held_minor = held_minor + NEW.claimed_minor
         WHERE id = new_line;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER claimline_holds AFTER INSERT OR UPDATE OR DELETE ON claims_claimline
    FOR EACH ROW EXECUTE FUNCTION claimline_holds();
"""
BACKWARD = """
DROP TRIGGER claimline_holds ON claims_claimline;
DROP FUNCTION claimline_holds();
"""


class Migration(migrations.Migration):
    dependencies = [("claims", "0002_child_of_its_seller")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
