-- The search of threads by words of our own cut: the same function cuts what is kept and what is asked for, so that a word is
-- found whatever stands beside it, an id by its parts, and text without blanks by any two signs that follow each other.

-- The newest entries are looked through one by one: their parts lie in the row itself, and `words`, which only the version
-- before reads, moves out of it first.
ALTER TABLE messaging_threadtext ALTER COLUMN parts SET STORAGE MAIN;

-- The spelling in which words are compared: small letters, full-width and composed signs made plain, accents and what shows
-- nothing taken away, digits of Arabic and Persian as ours. What is all ASCII has none of it.
CREATE FUNCTION messaging_folded(said text) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF octet_length(said) = length(said) THEN
    RETURN lower(said);
  END IF;
  RETURN translate(lower(normalize(regexp_replace(normalize(said, NFKD),
    '[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670'
    '\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]+', '', 'g'), NFKC)),
    'ς٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'σ01234567890123456789');
END $$;

-- The words of a text with their places: runs of digits, runs of letters, and in scripts without blanks each sign with the
-- next one. Such a run takes as many places as it has signs; its last sign stands alone, `spare` where others are before it.
-- A word is kept up to its 64th letter; of a text the first 90,000 characters are, and 50,000 words: PostgreSQL refuses
-- more than 1 MB of them.
CREATE FUNCTION messaging_cut(said text)
RETURNS TABLE (place bigint, word text, dense boolean, spare boolean) LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  WITH runs AS (
    SELECT r.n, r.run[1] AS run, r.run[1] ~ '^[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f'
             '\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]' AS dense
      FROM regexp_matches(messaging_folded(left(said, 90000)), '[0-9]+|'
             '[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f'
             '\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+|'
             '[^\u0001-\u0060\u007b-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02df\u037e\u0387'
             '\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680'
             '\u2000-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\u303d-\u303f\u30a0\u30fb\ue000-\uf8ff\ufe10-\ufe6f\ufff0-\uffff'
             '\U0001f000-\U0001faff'
             '\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u3096\u309d-\u309f'
             '\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+', 'g')
           WITH ORDINALITY r (run, n)
  ), placed AS (
    SELECT n, run, dense, sum(wide) OVER (ORDER BY n) - wide AS before
      FROM (SELECT *, CASE WHEN dense THEN length(run) ELSE 1 END AS wide FROM runs) one
  )
  SELECT before + 1, left(run, 64), false, false FROM placed WHERE NOT dense
  UNION ALL
  SELECT before + k, sign || coalesce(lead(sign) OVER following, ''), true,
         k > 1 AND lead(sign) OVER following IS NULL
    FROM placed, unnest(string_to_array(run, NULL)) WITH ORDINALITY one (sign, k)
   WHERE dense WINDOW following AS (PARTITION BY n ORDER BY k)
$$;

-- The words of a text as they are kept, and of its seller, so that one index answers for both.
CREATE FUNCTION messaging_parts(seller bigint, said text) RETURNS tsvector LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg('''' || word || ''':' || least(place, 16383), ' '), '')::tsvector
         || array_to_tsvector(ARRAY['seller#' || seller])
    FROM (SELECT word, place FROM messaging_cut(said) ORDER BY place LIMIT 50000) one
$$;

-- What is asked for, all of it: the parts of each term one after the other. The last part of a term of three characters or
-- more is a beginning, unless the term is a phrase. Nothing for terms without a letter or a digit.
CREATE FUNCTION messaging_asked(terms text[], phrases boolean[]) RETURNS tsquery LANGUAGE sql IMMUTABLE AS $$
  SELECT string_agg('(' || asked || ')', ' & ')::tsquery FROM (
    SELECT string_agg(
             CASE WHEN before IS NULL THEN '' ELSE '<' || least(place - before, 16383) || '> ' END || '''' || word || ''''
             || CASE WHEN dense AND length(word) = 1 OR is_last AND NOT dense AND NOT phrase AND length(term) > 2
                     THEN ':*' ELSE '' END, ' ' ORDER BY place) AS asked
      FROM (SELECT t.n, t.term, t.phrase, c.place, c.word, c.dense, lag(c.place) OVER one AS before,
                   lead(c.place) OVER one IS NULL AS is_last
              FROM unnest(terms, phrases) WITH ORDINALITY t (term, phrase, n), messaging_cut(t.term) c
             WHERE NOT c.spare WINDOW one AS (PARTITION BY t.n ORDER BY c.place)) part
     GROUP BY n) one
$$;

-- What a claim is about, found with its first entry: its id, its order, its items and their SKUs.
CREATE FUNCTION messaging_items(about bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT concat_ws(' ', c.claim_id, o.order_id,
                   (SELECT string_agg(concat_ws(' ', l.title, l.sku), ' ' ORDER BY l.id)
                      FROM claims_claimline l WHERE l.claim_id = c.id))
    FROM claims_claim c JOIN claims_order o ON o.id = c.order_id WHERE c.id = about
$$;

-- As before, and the words in parts. `words` is kept for the version before this one, which asks for them.
CREATE OR REPLACE FUNCTION messaging_keep_entry(about bigint, place integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  said text; named text; items text := ''; whose bigint; moment timestamptz; what text;
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
  named := messaging_names(about, place);
  IF place = 1 THEN
    items := messaging_items(about);
  END IF;
  said := concat_ws(' ', left(said, 80000), named);
  IF btrim(concat(said, items)) = '' THEN
    DELETE FROM messaging_threadtext WHERE claim_id = about AND position = place;
  ELSE
    INSERT INTO messaging_threadtext (seller_id, claim_id, position, at, kind, words, parts)
    VALUES (whose, about, place, moment, what, messaging_words(whose, said),
            messaging_parts(whose, concat_ws(' ', items, said)))
    ON CONFLICT (claim_id, position) DO UPDATE SET words = excluded.words, parts = excluded.parts;
  END IF;
END $$;

-- Items come after their claim, all of them in one statement or few.
CREATE FUNCTION messaging_keep_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM messaging_keep_entry(one.claim_id, 1) FROM (SELECT DISTINCT claim_id FROM written ORDER BY claim_id) one;
  RETURN NULL;
END $$;

CREATE TRIGGER keep_items_new AFTER INSERT ON claims_claimline REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION messaging_keep_items();

CREATE FUNCTION messaging_keep_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM messaging_keep_entry(NEW.claim_id, 1);
  RETURN NULL;
END $$;

CREATE TRIGGER keep_items AFTER UPDATE OF title, sku ON claims_claimline
  FOR EACH ROW WHEN ((OLD.title, OLD.sku) IS DISTINCT FROM (NEW.title, NEW.sku))
  EXECUTE FUNCTION messaging_keep_item();

-- Writes anew, for claims with ids above `beyond`, up to `most` of them, what entries without parts have, and the first entry
-- of claims that had no words in it. Returns the last id it came to, NULL at the end. May be called again, and side by side
-- with whatever writes.
CREATE FUNCTION messaging_keep_left(beyond bigint, most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  ids bigint[];
BEGIN
  ids := ARRAY(SELECT id FROM claims_claim WHERE id > beyond ORDER BY id LIMIT most);
  PERFORM messaging_keep_entry(t.claim_id, t.position)
     FROM (SELECT claim_id, position FROM messaging_threadtext WHERE claim_id = ANY (ids) AND parts IS NULL
            UNION
           SELECT c.id, 1 FROM unnest(ids) c (id)
            WHERE NOT EXISTS (SELECT 1 FROM messaging_threadtext t WHERE t.claim_id = c.id AND t.position = 1)
            ORDER BY 1, 2) t;
  RETURN ids[cardinality(ids)];
END $$;
