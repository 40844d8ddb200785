-- What is claimed is held: of a refund line no more can be claimed than was refunded, whoever writes and however many
-- write at once. The CHECKs on claims_refundline refuse what would pass it; the update takes that row's lock.

-- Keeps held_quantity and held_minor of a refund line: the sum of its claim lines that `holds`. A claim line may hold less
-- than it claims (one that was imported holds at most what is there).
CREATE FUNCTION claimline_holds() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER claimline_holds AFTER INSERT OR UPDATE OR DELETE ON claims_claimline
    FOR EACH ROW EXECUTE FUNCTION claimline_holds();
