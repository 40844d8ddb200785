-- The search of threads: what a claim, a decision or a message says, and the names of its files that the seller may see, is
-- kept as lexemes in messaging_threadtext, whoever writes it.

-- The lexemes of a text, and of its seller, so that one index answers for both. What is longer than anybody reads is cut:
-- PostgreSQL refuses a text that would make more than 1 MB of lexemes.
CREATE FUNCTION messaging_words(seller bigint, said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT to_tsvector('simple', left(said, 100000)) || array_to_tsvector(ARRAY['seller#' || seller])
$$;

-- The names of an entry's files that the seller may see: their own, and of the desk's what the virus check passed. A name is
-- taken apart as well, since `label_photo.jpg` is one lexeme.
CREATE FUNCTION messaging_names(about bigint, place integer) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT string_agg(a.name || ' ' || regexp_replace(a.name, '[^[:alnum:]]+', ' ', 'g'), ' ' ORDER BY a.id)
    FROM claims_attachment a
   WHERE a.claim_id = about AND a.position = place AND a.shown_at IS NOT NULL AND a.scan <> 'INFECTED'
     AND (a.party = 'SELLER' OR a.scan IN ('CLEAN', 'NOT_SCANNED'))
$$;

-- Writes the row of one entry of a thread anew, or deletes it when nothing is left to find. The row is locked before the
-- texts are read, so that a file that is checked just then can't bring back words that are being erased.
CREATE FUNCTION messaging_keep_entry(about bigint, place integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  said text; whose bigint; moment timestamptz; what text;
BEGIN
  PERFORM 1 FROM messaging_threadtext WHERE claim_id = about AND position = place FOR UPDATE;
  SELECT m.text || ' ' || m.quoted, m.seller_id, m.at, 'MESSAGE' INTO said, whose, moment, what
    FROM messaging_message m WHERE m.claim_id = about AND m.position = place;
  IF NOT FOUND THEN
    SELECT d.words, d.seller_id, d.at, 'DECISION' INTO said, whose, moment, what
      FROM claims_decision d WHERE d.claim_id = about AND d.position = place;
  END IF;
  IF what IS NULL AND place = 1 THEN
    SELECT c.statement, c.seller_id, c.filed_at, 'STATEMENT' INTO said, whose, moment, what
      FROM claims_claim c WHERE c.id = about;
  END IF;
  IF what IS NULL THEN
    RETURN;  -- the entry comes after its files, and brings them along
  END IF;
  said := concat_ws(' ', left(said, 90000), messaging_names(about, place));
  IF btrim(said) = '' THEN
    DELETE FROM messaging_threadtext WHERE claim_id = about AND position = place;
  ELSE
    INSERT INTO messaging_threadtext (seller_id, claim_id, position, at, kind, words)
    VALUES (whose, about, place, moment, what, messaging_words(whose, said))
    ON CONFLICT (claim_id, position) DO UPDATE SET words = excluded.words;
  END IF;
END $$;

-- Calls that for the entry a changed row belongs to: a claim's statement is the first entry of its thread.
CREATE FUNCTION messaging_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'claims_claim' THEN
    PERFORM messaging_keep_entry(NEW.id, 1);
  ELSE
    PERFORM messaging_keep_entry(NEW.claim_id, NEW.position);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER keep_words AFTER INSERT OR UPDATE OF text, quoted ON messaging_message
  FOR EACH ROW EXECUTE FUNCTION messaging_keep_words();

CREATE TRIGGER keep_words AFTER INSERT OR UPDATE OF words ON claims_decision
  FOR EACH ROW EXECUTE FUNCTION messaging_keep_words();

CREATE TRIGGER keep_words_new AFTER INSERT ON claims_claim
  FOR EACH ROW WHEN (NEW.statement <> '') EXECUTE FUNCTION messaging_keep_words();

CREATE TRIGGER keep_words AFTER UPDATE ON claims_claim
  FOR EACH ROW WHEN (OLD.statement IS DISTINCT FROM NEW.statement) EXECUTE FUNCTION messaging_keep_words();

CREATE TRIGGER keep_names_new AFTER INSERT ON claims_attachment
  FOR EACH ROW WHEN (NEW.shown_at IS NOT NULL AND NEW.position IS NOT NULL)
  EXECUTE FUNCTION messaging_keep_words();

CREATE TRIGGER keep_names AFTER UPDATE OF claim_id, position, shown_at, scan, name ON claims_attachment
  FOR EACH ROW WHEN (NEW.claim_id IS NOT NULL AND NEW.position IS NOT NULL AND
    (OLD.claim_id, OLD.position, OLD.shown_at, OLD.scan, OLD.name)
      IS DISTINCT FROM (NEW.claim_id, NEW.position, NEW.shown_at, NEW.scan, NEW.name))
  EXECUTE FUNCTION messaging_keep_words();
