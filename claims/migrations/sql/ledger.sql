-- The ledger adds up by itself: what was paid follows from it, what was granted stands in it, and nobody is granted more than
-- the claim holds of its refund.

-- Each booking is in the currency of its claim, on a line of its claim, and by line unless it is a payment; payments and
-- their reversals are added to claims_claim.paid_minor.
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

-- Refuses an amount granted on a line that is more than the line holds of its refund, or on a line that holds nothing.
CREATE FUNCTION claimline_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.granted_minor > NEW.held_minor THEN
        RAISE EXCEPTION 'granted more than the claim holds of its refund'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claimline_granted_within_refund';
    END IF;
    IF NEW.granted_minor > 0 AND NOT NEW.holds THEN
        RAISE EXCEPTION 'granted on a line that holds nothing'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claimline_granted_holds';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER claimline_granted BEFORE UPDATE OF granted_minor ON claims_claimline FOR EACH ROW
    WHEN (NEW.granted_minor > OLD.granted_minor) EXECUTE FUNCTION claimline_granted();

-- At the end of a transaction a line of a claim filed here has in the ledger exactly what is granted on it (one that was
-- imported: at most that), and what it claims once or not at all.
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
    SELECT c.origin = 'FILED', l.granted_minor, l.claimed_minor INTO here, granted, asked
      FROM claims_claimline l JOIN claims_claim c ON c.id = l.claim_id WHERE l.id = line FOR NO KEY UPDATE OF l;
    SELECT coalesce(sum(amount_minor) FILTER (WHERE kind IN ('GRANTED', 'CORRECTION', 'APPEAL_DELTA')), 0),
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

CREATE CONSTRAINT TRIGGER ledger_adds_up AFTER UPDATE OF granted_minor, claimed_minor ON claims_claimline
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_adds_up();
