-- What the marketplace paid for a refund without a claim counts against that refund.

-- Adds such a payment to reimbursed_minor of its refund line, and refuses to change for which refund it was or how much.
CREATE FUNCTION refund_reimbursed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.refund_line_id IS NOT NULL THEN
            RAISE EXCEPTION 'what a payment was for does not change'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_keeps_its_refund';
        END IF;
    END IF;
    UPDATE claims_refundline SET reimbursed_minor = reimbursed_minor + NEW.amount_minor,
           reimbursed_at = CASE WHEN NEW.amount_minor > 0 THEN greatest(reimbursed_at, NEW.at) ELSE reimbursed_at END
     WHERE id = NEW.refund_line_id;
    RETURN NULL;
END $$;

CREATE TRIGGER refund_reimbursed AFTER UPDATE OF refund_line_id, amount_minor ON claims_unmatchedpayment FOR EACH ROW
    WHEN ((OLD.refund_line_id, OLD.amount_minor) IS DISTINCT FROM (NEW.refund_line_id, NEW.amount_minor)
          AND (OLD.refund_line_id IS NOT NULL OR NEW.refund_line_id IS NOT NULL))
    EXECUTE FUNCTION refund_reimbursed();

CREATE TRIGGER refund_reimbursed_at_once AFTER INSERT ON claims_unmatchedpayment FOR EACH ROW
    WHEN (NEW.refund_line_id IS NOT NULL) EXECUTE FUNCTION refund_reimbursed();
