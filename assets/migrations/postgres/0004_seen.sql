-- The team store, step 4: what was seen. Marks are keyed hashes, and the key is never here: no id, no login and no URL is in
-- these tables but ids in messages that wait. Analysts read, and write through functions alone; times are seconds since 1970.
CREATE TABLE seen_turn ();

CREATE TABLE seen_meta (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()), key_check bigint,
    first_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'), last_hash bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    last_scan bigint NOT NULL DEFAULT 0, last_event bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50);
INSERT INTO seen_meta DEFAULT VALUES;

CREATE TABLE seen_account (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, provider text NOT NULL, team text NOT NULL, origin text NOT NULL,
    baseline_at bigint, baseline_leaks bigint NOT NULL DEFAULT 0, probe bytea, last_scan bigint, last_whole bigint,
    failures int NOT NULL DEFAULT 0, blind_since bigint, blind_told bigint,
    -- Counts writes: who judged what is not so any more judges again.
    version bigint NOT NULL DEFAULT 0, UNIQUE (name, provider, team)) WITH (fillfactor = 50);

CREATE TABLE seen_leak (
    account int NOT NULL, mark bigint NOT NULL, found bigint NOT NULL, before bigint, state int NOT NULL, since bigint NOT NULL,
    PRIMARY KEY (account, mark)) WITH (fillfactor = 90);

-- Probes have no hash: they are added up by the hour.
CREATE TABLE seen_scan (
    id bigint PRIMARY KEY, account int NOT NULL, began bigint NOT NULL, ended bigint NOT NULL, what text NOT NULL,
    requests bigint NOT NULL, times bigint NOT NULL DEFAULT 1, listed bigint, total bigint, role text NOT NULL, hash bytea);
CREATE INDEX seen_scan_of_account ON seen_scan (account, what, began);
CREATE INDEX seen_scan_ended ON seen_scan (ended);

CREATE TABLE seen_event (
    seq bigint PRIMARY KEY, scan bigint NOT NULL, account int NOT NULL, mark bigint NOT NULL, kind smallint NOT NULL,
    before int NOT NULL, after int NOT NULL, at bigint NOT NULL, flags int NOT NULL, count bigint NOT NULL);
CREATE INDEX seen_event_of_scan ON seen_event (scan);

-- The place of a person belongs to a login, that of a watch to all.
CREATE TABLE seen_cursor (
    owner text NOT NULL, name text NOT NULL, seq bigint NOT NULL, at bigint NOT NULL, back bigint NOT NULL,
    PRIMARY KEY (owner, name)) WITH (fillfactor = 50);

CREATE TABLE seen_message (
    id text PRIMARY KEY, channel text NOT NULL, made bigint NOT NULL, due bigint NOT NULL, tries int NOT NULL, dead boolean NOT NULL,
    body bytea NOT NULL);

CREATE TABLE seen_note (name text PRIMARY KEY, value bytea NOT NULL) WITH (fillfactor = 50);

-- Who reads an account or tells what a watch finds, on the server's clock.
CREATE TABLE seen_lease (name text PRIMARY KEY, holder text NOT NULL, seat text NOT NULL, role text NOT NULL, until timestamptz NOT NULL)
    WITH (fillfactor = 50);

-- Requests that were carried out: asked again, they are answered as the first time.
CREATE TABLE seen_done (request uuid PRIMARY KEY, answer text NOT NULL, at timestamptz NOT NULL DEFAULT now());

-- Whether this request is new; else what it was answered. Waits for one that is being carried out.
CREATE FUNCTION seen_begin(req uuid) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the transaction is %', current_setting('transaction_isolation') USING ERRCODE = 'ST004';
    END IF;
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
    PERFORM set_config('lock_timeout', '5s', true);
    PERFORM pg_advisory_xact_lock(hashtextextended('@schema@.seen ' || req::text, 0));
    RETURN (SELECT answer FROM seen_done WHERE request = req);
END $$;

CREATE FUNCTION seen_end(req uuid, ans text) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
    DELETE FROM seen_done WHERE request IN (SELECT request FROM seen_done WHERE at < now() - interval '1 hour' LIMIT 100);
    INSERT INTO seen_done (request, answer) VALUES (req, ans) RETURNING answer;
$$;

-- Keeps what tells the team's key from another one, where nothing is kept yet; returns what is kept.
CREATE FUNCTION seen_key(own bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
BEGIN
    UPDATE seen_meta SET key_check = own WHERE key_check IS NULL;
    RETURN (SELECT key_check FROM seen_meta);
END $$;

-- The account, locked. It is made where it is not there; of another origin than the team's it is refused.
CREATE FUNCTION seen_account_of(n text, p text, t text, o text) RETURNS seen_account LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE r seen_account; pinned text;
BEGIN
    INSERT INTO seen_account (name, provider, team, origin) VALUES (n, p, t, o) ON CONFLICT (name, provider, team) DO NOTHING;
    SELECT * INTO r FROM seen_account WHERE name = n AND provider = p AND team = t FOR NO KEY UPDATE;
    IF r.origin = '' AND o <> '' THEN
        UPDATE seen_account SET origin = o WHERE id = r.id;
        r.origin := o;
    END IF;
    SELECT origin INTO pinned FROM account WHERE name = n AND provider = p AND team = t;
    pinned := coalesce(nullif(pinned, ''), r.origin);
    IF o <> '' AND pinned <> o THEN
        RAISE EXCEPTION '%', json_build_object('account', n, 'origin', pinned, 'team', t) USING ERRCODE = 'ST012';
    END IF;
    RETURN r;
END $$;

-- A reading as it is hashed.
CREATE FUNCTION seen_body(s bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT concat_ws(E'\n', id, account, began, ended, what, requests, coalesce(listed::text, ''), coalesce(total::text, ''), role,
        (SELECT coalesce(string_agg(concat_ws(',', seq, mark, kind, before, after, at, flags, count), ';' ORDER BY seq), '') FROM seen_event WHERE scan = s))
    FROM seen_scan WHERE id = s
$$;

-- Keeps a reading whole: how the account stands now, its leaks, the line of the reading, its events. `knew` is the version that
-- was judged by. Returns the position of the first event and how many there are.
CREATE FUNCTION seen_write(req uuid, n text, p text, t text, o text, knew bigint, acct jsonb, line jsonb,
    l_mark bigint[], l_found bigint[], l_before bigint[], l_state int[], l_since bigint[],
    e_mark bigint[], e_kind smallint[], e_before int[], e_after int[], e_at bigint[], e_flags int[], e_count bigint[])
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE done text := seen_begin(req); r seen_account; m seen_meta; s bigint; h bytea; old bigint; old_hash bytea; lim bigint;
BEGIN
    IF done IS NOT NULL THEN RETURN done; END IF;
    r := seen_account_of(n, p, t, o);
    IF r.version <> knew THEN RAISE EXCEPTION 'read meanwhile' USING ERRCODE = 'ST013'; END IF;
    UPDATE seen_account SET baseline_at = (acct->>'baseline_at')::bigint, baseline_leaks = (acct->>'baseline_leaks')::bigint,
        probe = decode(acct->>'probe', 'hex'), last_scan = (acct->>'last_scan')::bigint, last_whole = (acct->>'last_whole')::bigint,
        failures = (acct->>'failures')::int, blind_since = (acct->>'blind_since')::bigint, blind_told = (acct->>'blind_told')::bigint,
        version = version + 1 WHERE id = r.id;
    INSERT INTO seen_leak AS l (account, mark, found, before, state, since)
        SELECT r.id, u.* FROM unnest(l_mark, l_found, l_before, l_state, l_since) AS u
        ON CONFLICT ON CONSTRAINT seen_leak_pkey DO UPDATE SET state = excluded.state, since = excluded.since;
    -- Last of all locks, to the commit: who sees an event sees every one before it.
    LOCK TABLE seen_turn IN EXCLUSIVE MODE;
    SELECT * INTO m FROM seen_meta;
    s := m.last_scan + 1;
    INSERT INTO seen_scan (id, account, began, ended, what, requests, listed, total, role)
        VALUES (s, r.id, (line->>'began')::bigint, (line->>'ended')::bigint, line->>'what', (line->>'requests')::bigint,
            (line->>'listed')::bigint, (line->>'total')::bigint, session_user);
    INSERT INTO seen_event (seq, scan, account, mark, kind, before, after, at, flags, count)
        SELECT m.last_event + u.place, s, r.id, u.mark, u.kind, u.was, u.now, u.at, u.flags, u.count
        FROM unnest(e_mark, e_kind, e_before, e_after, e_at, e_flags, e_count) WITH ORDINALITY AS u (mark, kind, was, now, at, flags, count, place);
    h := sha256(m.last_hash || convert_to(seen_body(s), 'UTF8'));
    UPDATE seen_scan SET hash = h WHERE id = s;
    UPDATE seen_meta SET last_hash = h, last_scan = s, last_event = m.last_event + cardinality(e_mark);
    -- What is older than 400 days goes; the chain then begins behind the last reading that went.
    lim := (line->>'ended')::bigint - 34560000;
    SELECT id, hash INTO old, old_hash FROM seen_scan WHERE ended < lim AND hash IS NOT NULL ORDER BY id DESC LIMIT 1;
    IF old IS NOT NULL THEN
        DELETE FROM seen_event WHERE scan <= old;
        DELETE FROM seen_scan WHERE id <= old;
        UPDATE seen_meta SET first_hash = old_hash;
        DELETE FROM seen_leak AS l WHERE l.since < lim AND l.state & 4096 <> 0;
    END IF;
    RETURN seen_end(req, (m.last_event + 1) || ' ' || cardinality(e_mark));
END $$;

-- Keeps that a probe found nothing new.
CREATE FUNCTION seen_quiet(req uuid, n text, p text, t text, o text, moment bigint, asked bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE r seen_account; hour bigint := moment - ((moment % 3600) + 3600) % 3600; l bigint;
BEGIN
    IF seen_begin(req) IS NOT NULL THEN RETURN; END IF;
    r := seen_account_of(n, p, t, o);
    UPDATE seen_account SET last_whole = greatest(last_whole, moment), failures = 0, blind_since = NULL, blind_told = NULL WHERE id = r.id;
    SELECT id INTO l FROM seen_scan WHERE account = r.id AND what = 'probe' AND began >= hour AND began < hour + 3600;
    IF l IS NOT NULL THEN
        UPDATE seen_scan SET ended = greatest(ended, moment), requests = requests + asked, times = times + 1 WHERE id = l;
    ELSE
        LOCK TABLE seen_turn IN EXCLUSIVE MODE;
        UPDATE seen_meta SET last_scan = last_scan + 1 RETURNING last_scan INTO l;
        INSERT INTO seen_scan (id, account, began, ended, what, requests, role) VALUES (l, r.id, moment, moment, 'probe', asked, session_user);
    END IF;
    PERFORM seen_end(req, '');
END $$;

-- Whose place it is.
CREATE FUNCTION seen_owner(n text) RETURNS text LANGUAGE sql STABLE SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT CASE WHEN n LIKE 'console:%' OR n LIKE 'handoff:%' THEN session_user::text ELSE '' END
$$;

-- Moves places and keeps messages; those that were added to others are dropped. False, and nothing done, where one of these was tried.
CREATE FUNCTION seen_tell(req uuid, names text[], seqs bigint[], moment bigint, ids text[], channels text[], made bigint[], due bigint[],
    tries int[], dead boolean[], bodies bytea[], replaced text[])
    RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE done text := seen_begin(req); k int;
BEGIN
    IF done IS NOT NULL THEN RETURN done = 't'; END IF;
    SELECT count(*) INTO k FROM (SELECT 1 FROM seen_message AS m WHERE m.id = ANY (replaced) AND m.tries = 0 AND NOT m.dead ORDER BY m.id FOR UPDATE) AS untried;
    IF k <> cardinality(replaced) THEN PERFORM seen_end(req, 'f'); RETURN false; END IF;
    DELETE FROM seen_message WHERE id = ANY (replaced);
    INSERT INTO seen_cursor AS c (owner, name, seq, at, back)
        SELECT seen_owner(u.name), u.name, u.seq, moment, u.seq FROM unnest(names, seqs) AS u (name, seq) ORDER BY u.name
        ON CONFLICT ON CONSTRAINT seen_cursor_pkey DO UPDATE SET back = CASE WHEN c.seq = excluded.seq THEN c.back ELSE c.seq END, seq = excluded.seq, at = excluded.at;
    INSERT INTO seen_message (id, channel, made, due, tries, dead, body)
        SELECT u.* FROM unnest(ids, channels, made, due, tries, dead, bodies) AS u ON CONFLICT DO NOTHING;
    PERFORM seen_end(req, 't');
    RETURN true;
END $$;

-- One step of a message: begin, settle, retry, tried, drop.
CREATE FUNCTION seen_message_step(req uuid, step text, m text, n int, when_due bigint, is_dead boolean) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE done text := seen_begin(req); did boolean;
BEGIN
    IF done IS NOT NULL THEN RETURN done = 'true'; END IF;
    CASE step
        WHEN 'begin' THEN UPDATE seen_message SET tries = tries + 1, due = when_due WHERE id = m AND tries = n AND NOT dead;
        WHEN 'settle' THEN UPDATE seen_message SET due = when_due, dead = is_dead WHERE id = m;
        WHEN 'retry' THEN UPDATE seen_message SET tries = 0, due = when_due, dead = false WHERE id = m;
        WHEN 'tried' THEN UPDATE seen_message SET tries = tries + 1, due = when_due, dead = is_dead WHERE id = m;
        WHEN 'drop' THEN DELETE FROM seen_message WHERE id = m;
    END CASE;
    did := FOUND;
    PERFORM seen_end(req, did::text);
    RETURN did;
END $$;

-- Forgets the leaks of accounts of this name, or of all; their events stay for the readers that have not read them.
CREATE FUNCTION seen_forget(req uuid, n text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE done text := seen_begin(req); k bigint;
BEGIN
    IF done IS NOT NULL THEN RETURN done::bigint; END IF;
    PERFORM 1 FROM seen_account WHERE n IS NULL OR name = n ORDER BY id FOR NO KEY UPDATE;
    DELETE FROM seen_leak WHERE account IN (SELECT id FROM seen_account WHERE n IS NULL OR name = n);
    GET DIAGNOSTICS k = ROW_COUNT;
    UPDATE seen_account SET baseline_at = NULL, baseline_leaks = 0, probe = NULL, last_scan = NULL, last_whole = NULL, failures = 0,
        blind_since = NULL, blind_told = NULL, version = version + 1 WHERE n IS NULL OR name = n;
    PERFORM seen_end(req, k::text);
    RETURN k;
END $$;

-- Forgets everything, with the key that it was marked with: for the owner alone.
CREATE FUNCTION seen_forget_all() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE k bigint;
BEGIN
    SELECT count(*) INTO k FROM seen_leak;
    TRUNCATE seen_leak, seen_account, seen_scan, seen_event, seen_cursor, seen_message, seen_note, seen_lease, seen_done, seen_meta;
    INSERT INTO seen_meta DEFAULT VALUES;
    RETURN k;
END $$;

CREATE FUNCTION seen_note_set(n text, v bytea) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
    INSERT INTO seen_note (name, value) VALUES (n, v) ON CONFLICT (name) DO UPDATE SET value = excluded.value
$$;

-- Takes a lease or makes it longer. Null where it is held from here on, else who has it.
CREATE FUNCTION seen_lease_take(n text, h text, s text, seconds int) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE r seen_lease;
BEGIN
    INSERT INTO seen_lease AS l (name, holder, seat, role, until) VALUES (n, h, s, session_user, clock_timestamp() + make_interval(secs => seconds))
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, seat = excluded.seat, role = excluded.role, until = excluded.until
        WHERE (l.holder = excluded.holder AND l.role = excluded.role) OR l.until <= clock_timestamp();
    SELECT * INTO r FROM seen_lease WHERE name = n;
    RETURN CASE WHEN r.holder = h AND r.role = session_user THEN NULL ELSE r.role || '@' || r.seat END;
END $$;

GRANT SELECT ON seen_meta, seen_account, seen_leak, seen_scan, seen_event, seen_cursor, seen_message, seen_note, seen_lease
    TO stanch_analyst, stanch_auditor;
REVOKE ALL ON FUNCTION seen_begin(uuid), seen_end(uuid, text), seen_key(bigint), seen_account_of(text, text, text, text), seen_body(bigint),
    seen_write(uuid, text, text, text, text, bigint, jsonb, jsonb, bigint[], bigint[], bigint[], int[], bigint[], bigint[], smallint[], int[], int[], bigint[], int[], bigint[]),
    seen_quiet(uuid, text, text, text, text, bigint, bigint), seen_owner(text),
    seen_tell(uuid, text[], bigint[], bigint, text[], text[], bigint[], bigint[], int[], boolean[], bytea[], text[]),
    seen_message_step(uuid, text, text, int, bigint, boolean), seen_forget(uuid, text), seen_forget_all(), seen_note_set(text, bytea),
    seen_lease_take(text, text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seen_body(bigint), seen_owner(text) TO stanch_analyst, stanch_auditor;
GRANT EXECUTE ON FUNCTION seen_key(bigint),
    seen_write(uuid, text, text, text, text, bigint, jsonb, jsonb, bigint[], bigint[], bigint[], int[], bigint[], bigint[], smallint[], int[], int[], bigint[], int[], bigint[]),
    seen_quiet(uuid, text, text, text, text, bigint, bigint),
    seen_tell(uuid, text[], bigint[], bigint, text[], text[], bigint[], bigint[], int[], boolean[], bytea[], text[]),
    seen_message_step(uuid, text, text, int, bigint, boolean), seen_forget(uuid, text), seen_note_set(text, bytea),
    seen_lease_take(text, text, text, int) TO stanch_analyst;
