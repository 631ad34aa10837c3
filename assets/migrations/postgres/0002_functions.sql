-- The team store, step 2: everything that writes. Locks are taken in this order: the job's row, leaks in key order,
-- audit_turn, turn; claims, local statuses and words are written under the turn.
--
-- ST001 fenced, ST002 no such console of this role, ST003 API not taken, ST004 isolation, ST005 job ended, ST006 no job,
-- ST007 plan stale, ST008 order of writes, ST009 held by a live console, ST010 stage incomplete, ST011 confirm again,
-- ST012 account elsewhere.

-- The console of this key, where it may write.
CREATE FUNCTION me(k uuid) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int; a int; lo int; hi int;
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the transaction is %', current_setting('transaction_isolation') USING ERRCODE = 'ST004';
    END IF;
    IF current_setting('synchronous_commit') IN ('off', 'local') THEN PERFORM set_config('synchronous_commit', 'on', true); END IF;
    PERFORM set_config('lock_timeout', '5s', true);
    SELECT id, api INTO c, a FROM console WHERE key = k AND role = session_user;
    IF c IS NULL THEN RAISE EXCEPTION 'no such console of this role' USING ERRCODE = 'ST002'; END IF;
    SELECT api_min, api_max INTO lo, hi FROM meta;
    IF a NOT BETWEEN lo AND hi THEN RAISE EXCEPTION '% to %, not %', lo, hi, a USING ERRCODE = 'ST003'; END IF;
    RETURN c;
END $$;

-- What a request was answered; null where it was not made yet.
CREATE FUNCTION again(c int, req bigint) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT coalesce(answer, '') FROM event WHERE console = c AND n = req
$$;

-- Numbers as '0-99,105'.
CREATE FUNCTION ranges(idxs int[]) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT coalesce(string_agg(CASE WHEN a = z THEN a::text ELSE a || '-' || z END, ',' ORDER BY a), '')
    FROM (SELECT min(i) AS a, max(i) AS z FROM (SELECT i, i - row_number() OVER (ORDER BY i) AS run FROM (SELECT DISTINCT unnest(idxs) AS i) AS d) AS r GROUP BY run) AS g
$$;

-- Place of a state's number among the counts, from 1.
CREATE FUNCTION outcome(state int) RETURNS int LANGUAGE sql IMMUTABLE SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT (ARRAY[11, 11, 9, 10, 1, 2, 3, 4, 6, 3, 7, 8, 5])[state + 1]
$$;

CREATE FUNCTION append(c int, req bigint, j bigint, w text, d text, ans text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE s bigint; p bytea; t timestamptz; h bytea;
BEGIN
    LOCK TABLE turn IN EXCLUSIVE MODE;
    SELECT seq, hash INTO s, p FROM event ORDER BY seq DESC LIMIT 1;
    s := coalesce(s, 0) + 1;  p := coalesce(p, decode(repeat('00', 32), 'hex'));  t := clock_timestamp();
    h := sha256(p || convert_to(concat_ws(E'\n', s, to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), session_user, c, req, coalesce(j::text, ''), w, d), 'UTF8'));
    INSERT INTO event (seq, at, role, console, n, job, what, detail, answer, prev, hash) VALUES (s, t, session_user, c, req, j, w, d, ans, p, h);
    PERFORM pg_notify('stanch', s::text);
    RETURN s;
END $$;

-- A number for an event that no request of the console asked for by number: below all of those.
CREATE FUNCTION aside(c int) RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT coalesce(min(n), 0) - 1 FROM event WHERE console = c AND n < 0
$$;

-- The row of a job that this console holds; a job that it gave back and nobody took is held again.
CREATE FUNCTION held(c int, j bigint, tok int) RETURNS job LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE r job; last int;
BEGIN
    SELECT * INTO r FROM job WHERE id = j FOR NO KEY UPDATE;
    IF r.id IS NULL THEN RAISE EXCEPTION 'no job' USING ERRCODE = 'ST006'; END IF;
    IF r.ended_at IS NOT NULL THEN RAISE EXCEPTION 'ended (%)', r.state USING ERRCODE = 'ST005'; END IF;
    IF r.token = tok AND r.holder IS NULL THEN
        SELECT console INTO last FROM event WHERE job = j AND what IN ('recorded', 'taken') ORDER BY seq DESC LIMIT 1;
        IF last = c THEN
            UPDATE job SET holder = c WHERE id = j;
            r.holder := c;
        END IF;
    END IF;
    IF r.token <> tok OR r.holder IS DISTINCT FROM c THEN RAISE EXCEPTION 'fenced' USING ERRCODE = 'ST001'; END IF;
    RETURN r;
END $$;

-- Lines of the audit log. Each is the inside of an object; number, time, role and seat are put in here.
CREATE FUNCTION audit_add(c int, req bigint, lines text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE s bigint; p text; l text; b text; h text; t timestamptz := clock_timestamp(); seat text; whole text[] := '{}'; made jsonb;
BEGIN
    IF cardinality(lines) = 0 OR cardinality(lines) > 1000 THEN RAISE EXCEPTION '% lines', cardinality(lines) USING ERRCODE = 'ST008'; END IF;
    LOCK TABLE audit_turn IN EXCLUSIVE MODE;
    SELECT seq, encode(hash, 'hex') INTO s, p FROM audit ORDER BY seq DESC LIMIT 1;
    s := coalesce(s, 0);  p := coalesce(p, repeat('0', 64));
    SELECT '"at":' || to_json(to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) || ',"role":' || to_json(session_user::text)
        || ',"who":{"user":' || to_json(os_user) || ',"host":' || to_json(host) || ',"tty":' || to_json(tty) || ',"pid":' || to_json(pid) || '},"console":' || id
        INTO seat FROM console WHERE id = c;
    FOREACH l IN ARRAY lines LOOP
        made := ('{' || l || '}')::jsonb;
        IF jsonb_typeof(made) <> 'object' OR made = '{}'::jsonb OR position(E'\n' IN l) > 0
            OR made ?| ARRAY['seq', 'at', 'role', 'who', 'console', 'prev', 'hash', 'sha256'] THEN
            RAISE EXCEPTION 'a member that is not its own' USING ERRCODE = 'ST008';
        END IF;
        s := s + 1;
        b := '{"seq":' || s || ',' || seat || ',' || l || ',"prev":"' || p || '"';
        h := encode(sha256(convert_to(b || '}', 'UTF8')), 'hex');
        whole := whole || (b || ',"sha256":"' || h || '"}');
        p := h;
    END LOOP;
    INSERT INTO audit (seq, lines, at, role, console, n, body, hash)
        VALUES (s, cardinality(lines), t, session_user, c, req, array_to_string(whole, E'\n'), decode(p, 'hex'));
    RETURN s;
END $$;

-- Makes the partition that a job's changes go to, and near its end the next one.
CREATE FUNCTION partition_for(j bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE part bigint; name text;
BEGIN
    FOR part IN SELECT DISTINCT unnest(ARRAY[j / 1000, (j + 100) / 1000]) LOOP
        name := 'change_' || part;
        CONTINUE WHEN to_regclass(quote_ident('@schema@') || '.' || name) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(hashtext('@schema@.change'));
        CONTINUE WHEN to_regclass(quote_ident('@schema@') || '.' || name) IS NOT NULL;
        EXECUTE format('CREATE TABLE %I (LIKE change INCLUDING DEFAULTS) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)', name);
        EXECUTE format('CREATE INDEX %I ON %I (account, id)', name || '_leak', name);
        EXECUTE format('GRANT SELECT ON %I TO stanch_analyst, stanch_auditor', name);
        EXECUTE format('ALTER TABLE change ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, part * 1000, (part + 1) * 1000);
    END LOOP;
END $$;

CREATE FUNCTION hello(k uuid, os_user text, host text, tty text, pid text, version text, api int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int; lo int; hi int;
BEGIN
    IF session_user::text ~ E'\n' THEN RAISE EXCEPTION 'a role with a line feed' USING ERRCODE = 'ST002'; END IF;
    SELECT api_min, api_max INTO lo, hi FROM meta;
    IF hello.api NOT BETWEEN lo AND hi THEN RAISE EXCEPTION '% to %, not %', lo, hi, hello.api USING ERRCODE = 'ST003'; END IF;
    SELECT id INTO c FROM console WHERE key = k AND role = session_user;
    IF c IS NOT NULL THEN RETURN c; END IF;
    INSERT INTO console (key, role, os_user, host, tty, pid, version, api)
        VALUES (k, session_user, hello.os_user, hello.host, hello.tty, hello.pid, hello.version, hello.api) RETURNING id INTO c;
    DELETE FROM stage WHERE ctid IN (SELECT ctid FROM stage WHERE at < now() - interval '1 hour' LIMIT 10000);
    PERFORM append(c, 0, NULL, 'hello', jsonb_build_object('user', hello.os_user, 'host', hello.host, 'tty', hello.tty, 'pid', hello.pid, 'version', hello.version)::text, NULL);
    DELETE FROM claim WHERE (account, kind, id) IN (SELECT account, kind, id FROM claim WHERE until < now() - interval '1 day' AND until > '-infinity'
        OR until = '-infinity' AND seq < (SELECT coalesce(max(seq), 0) FROM event WHERE at < now() - interval '1 day') LIMIT 10000);
    RETURN c;
END $$;

-- Signs of life: the server's time, the head of the event chain, and which jobs of this console somebody asked to pause.
CREATE FUNCTION beat(k uuid, OUT now timestamptz, OUT head bigint, OUT asked bigint[]) LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    UPDATE console SET seen_at = clock_timestamp(), gone_at = NULL WHERE key = k AND role = session_user RETURNING id INTO c;
    IF c IS NULL THEN RAISE EXCEPTION 'no such console of this role' USING ERRCODE = 'ST002'; END IF;
    now := clock_timestamp();
    SELECT coalesce(max(seq), 0) INTO head FROM event;
    SELECT coalesce(array_agg(id), '{}') INTO asked FROM job WHERE ended_at IS NULL AND holder = c AND job.asked IS NOT NULL;
END $$;

CREATE FUNCTION bye(k uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); s bigint;
BEGIN
    PERFORM 1 FROM job WHERE holder = c AND ended_at IS NULL ORDER BY id FOR NO KEY UPDATE;
    LOCK TABLE turn IN EXCLUSIVE MODE;
    s := append(c, aside(c), NULL, 'bye', (SELECT jsonb_build_object('user', os_user, 'host', host, 'tty', tty, 'pid', pid)::text FROM console WHERE id = c), NULL);
    -- What may still be in flight keeps its holder: who takes it over waits.
    UPDATE job SET holder = NULL, asked = NULL, asked_by = NULL, seq = s WHERE holder = c AND ended_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM chunk WHERE chunk.job = job.id AND answered_at IS NULL AND console = c);
    UPDATE console SET gone_at = clock_timestamp() WHERE id = c;
END $$;

CREATE FUNCTION account_of(k uuid, req bigint, name text, provider text, origin text, team text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); a account;
BEGIN
    SELECT * INTO a FROM account WHERE account.name = account_of.name AND account.provider = account_of.provider;
    IF a.id IS NULL THEN
        LOCK TABLE turn IN EXCLUSIVE MODE;
        SELECT * INTO a FROM account WHERE account.name = account_of.name AND account.provider = account_of.provider;
        IF a.id IS NULL THEN
            INSERT INTO account (name, provider, origin, team) VALUES (account_of.name, account_of.provider, account_of.origin, account_of.team) RETURNING * INTO a;
            PERFORM append(c, req, NULL, 'account', jsonb_build_object('id', a.id, 'name', a.name, 'provider', a.provider, 'origin', a.origin, 'team', a.team)::text, a.id::text);
        END IF;
    END IF;
    -- An account without an origin was only named so far: it is pinned by the first who connects it.
    IF account_of.origin = '' THEN RETURN a.id; END IF;
    IF a.origin = '' THEN
        UPDATE account SET origin = account_of.origin, team = account_of.team WHERE id = a.id;
        PERFORM append(c, req, NULL, 'account', jsonb_build_object('id', a.id, 'origin', account_of.origin, 'team', account_of.team)::text, a.id::text);
        RETURN a.id;
    END IF;
    IF (a.origin, a.team) IS DISTINCT FROM (account_of.origin, account_of.team) THEN
        RAISE EXCEPTION '%', jsonb_build_object('account', a.name, 'origin', a.origin, 'team', a.team) USING ERRCODE = 'ST012';
    END IF;
    RETURN a.id;
END $$;

-- Sets or removes a local status; called under the turn.
CREATE FUNCTION keep(s bigint, c int, j bigint, acc int, knd int, leak bytea, st int, remote int, prev int, at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
BEGIN
    -- A status that equals the provider's own, and an unknown one, remove what is kept.
    IF st IS NOT NULL AND (st = 5 OR st = remote) THEN st := NULL; END IF;
    IF st IS NULL THEN
        UPDATE local_status SET status = NULL, previous = status, remote_then = remote, set_at = at, job = j, console = c, seq = s
            WHERE account = acc AND kind = knd AND id = leak AND status IS NOT NULL;
    ELSE
        INSERT INTO local_status (account, kind, id, status, remote_then, set_at, job, console, previous, seq)
            VALUES (acc, knd, leak, st, remote, at, j, c, prev, s)
            ON CONFLICT (account, kind, id) DO UPDATE SET status = excluded.status, remote_then = excluded.remote_then, set_at = excluded.set_at,
                job = excluded.job, console = excluded.console, previous = excluded.previous, seq = excluded.seq;
    END IF;
END $$;

CREATE FUNCTION job_record(k uuid, req bigint, header jsonb, b uuid, targets int, lines text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); j bigint; s bigint; t timestamptz := clock_timestamp(); num int[]; locals int; head bigint; r record; st text; final text; undone bigint; many int;
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    SELECT count(*), count(*) FILTER (WHERE state = 5) INTO many, locals FROM stage WHERE batch = b;
    IF many <> targets OR targets = 0 THEN RAISE EXCEPTION '% of %', many, targets USING ERRCODE = 'ST010'; END IF;
    IF EXISTS (SELECT 1 FROM stage WHERE batch = b AND state NOT IN (0, 5, 8, 10)) THEN
        RAISE EXCEPTION 'a change that has not begun' USING ERRCODE = 'ST008';
    END IF;
    undone := (header->>'undone')::bigint;
    IF undone IS NOT NULL THEN
        PERFORM 1 FROM job WHERE id = undone FOR NO KEY UPDATE;
        IF NOT FOUND THEN RAISE EXCEPTION 'no job' USING ERRCODE = 'ST006'; END IF;
    END IF;
    BEGIN
        INSERT INTO job (state, command, wanted, plan_hash, made_at, created_at, confirmed_at, reason, note, ticket, retries, undoes, redoes, counts, plan_ms, author, holder, worded, seq)
            VALUES ('planned', header->>'command', (header->>'wanted')::smallint, header->>'plan_hash', (header->>'made_at')::timestamptz, t, t,
                header->>'reason', header->>'note', header->>'ticket', (header->>'retries')::bigint, (header->>'undoes')::bigint, (header->>'redoes')::bigint,
                array_fill(0, ARRAY[11]), coalesce((header->>'plan_ms')::bigint, 0), c, c,
                coalesce(header->>'reason', header->>'note', header->>'ticket') IS NULL, 0) RETURNING id INTO j;
    EXCEPTION WHEN unique_violation THEN RAISE EXCEPTION 'stale' USING ERRCODE = 'ST007';
    END;
    PERFORM partition_for(j);
    INSERT INTO share (job, place, account, remote, local, bulk_size, origin, team)
        SELECT j, place, account, remote, local, bulk_size, origin, team
        FROM jsonb_to_recordset(coalesce(header->'shares', '[]')) AS x (place smallint, account int, remote int, local int, bulk_size int, origin text, team text);
    BEGIN
        INSERT INTO live (account, kind, id, job) SELECT account, kind, id, j FROM stage WHERE batch = b AND state <= 3 ORDER BY account, kind, id;
    EXCEPTION WHEN unique_violation THEN RAISE EXCEPTION 'stale' USING ERRCODE = 'ST007';
    END;
    INSERT INTO change (job, idx, account, chunk, kind, before, wanted, place, state, attempts, code, id, reason)
        SELECT j, idx, account, NULL, kind, before, wanted, place, state, 0, NULL, id, reason FROM stage WHERE batch = b ORDER BY idx;
    IF cardinality(coalesce(lines, '{}')) > 0 THEN PERFORM audit_add(c, req, lines); END IF;
    LOCK TABLE turn IN EXCLUSIVE MODE;
    IF locals > 0 THEN
        -- A leak that another job may still change must not be hidden by this one.
        IF EXISTS (SELECT 1 FROM stage AS x JOIN live AS l USING (account, kind, id) WHERE x.batch = b AND x.state = 5 AND l.job <> j) THEN
            RAISE EXCEPTION 'stale' USING ERRCODE = 'ST007';
        END IF;
        head := coalesce((header->>'head')::bigint, 0);
        -- Compare and set: what a colleague did since the plan was made stays, and the change has drifted.
        UPDATE change SET state = 8, reason = 'changed by ' || n.role || '@' || n.host || ' since'
            FROM stage AS x JOIN local_status AS l USING (account, kind, id) JOIN console AS n ON n.id = l.console
            WHERE x.batch = b AND x.state = 5 AND change.job = j AND change.idx = x.idx AND l.seq > 0
                AND (l.status IS DISTINCT FROM x.before AND l.status IS DISTINCT FROM x.wanted)
                AND NOT (l.status IS NULL AND (l.seq <= head OR x.before IS NOT DISTINCT FROM x.remote))
                AND NOT (l.status IS NOT NULL AND l.job IS NULL AND x.before IS NOT DISTINCT FROM x.remote);
    END IF;
    SELECT array_agg(coalesce(total, 0) ORDER BY slot) INTO num FROM generate_series(1, 11) AS slot
        LEFT JOIN (SELECT outcome(state) AS slot, count(*)::int AS total FROM change WHERE job = j GROUP BY 1) AS x USING (slot);
    IF num[9] + num[10] + num[11] = 0 AND locals > 0 THEN
        final := CASE WHEN num[6] > 0 OR coalesce((header->>'leaves_behind')::boolean, false) THEN 'done_with_exceptions' ELSE 'done' END;
    END IF;
    st := coalesce(final, 'planned');
    s := append(c, req, j, 'recorded', jsonb_build_object('plan', header->>'plan_hash', 'command', header->>'command', 'wanted', (header->>'wanted')::int, 'targets', targets)::text, j::text);
    IF locals > 0 THEN
        PERFORM keep(s, c, j, h.account, h.kind, h.id, h.wanted, x.remote, x.before, t)
            FROM change AS h JOIN stage AS x ON x.batch = b AND x.idx = h.idx WHERE h.job = j AND h.state = 5;
    END IF;
    INSERT INTO lossy (account, wanted, stored, job)
        SELECT account, wanted, stored, j FROM jsonb_to_recordset(coalesce(header->'lossy', '[]')) AS x (account int, wanted smallint, stored smallint)
        ON CONFLICT DO NOTHING;
    IF final IS NOT NULL THEN
        s := append(c, aside(c), j, 'state', jsonb_build_object('state', final, 'paused', NULL, 'counts', num)::text, NULL);
    END IF;
    UPDATE job SET state = st, counts = num, seq = s, ended_at = CASE WHEN final IS NULL THEN NULL ELSE t END, holder = CASE WHEN final IS NULL THEN c END WHERE id = j;
    IF undone IS NOT NULL THEN UPDATE job SET undone_by = j, seq = s WHERE id = undone; END IF;
    DELETE FROM stage WHERE batch = b;
    RETURN j;
END $$;

CREATE FUNCTION chunk_intent(k uuid, req bigint, j bigint, tok int, idxs int[]) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); r job; ch int; n int; s bigint; lo int; hi int;
BEGIN
    IF was IS NOT NULL THEN PERFORM held(c, j, tok); RETURN was::int; END IF;
    r := held(c, j, tok);
    IF clock_timestamp() - r.confirmed_at > interval '24 hours' OR clock_timestamp() < r.confirmed_at - interval '1 minute' THEN
        RAISE EXCEPTION 'confirm again' USING ERRCODE = 'ST011';
    END IF;
    ch := r.chunks + 1;
    SELECT min(i), max(i) INTO lo, hi FROM unnest(idxs) i;
    UPDATE change SET state = 1, attempts = attempts + 1, chunk = ch, code = NULL, reason = NULL WHERE job = j AND idx BETWEEN lo AND hi AND idx = ANY (idxs) AND state = 0;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 OR n <> cardinality(idxs) THEN RAISE EXCEPTION '% of % can be sent', n, cardinality(idxs) USING ERRCODE = 'ST008'; END IF;
    INSERT INTO chunk (job, chunk, size, token, console, intent_at) VALUES (j, ch, n, tok, c, clock_timestamp());
    s := append(c, req, j, 'intent', jsonb_build_object('chunk', ch, 'token', tok, 'changes', ranges(idxs))::text, ch::text);
    UPDATE job SET state = 'running', paused = NULL, paused_until = NULL, started_at = coalesce(started_at, clock_timestamp()), chunks = ch, seq = s WHERE id = j;
    RETURN ch;
END $$;

-- Moves the changes of each group to its state; returns the counts after it. A final state is never left.
CREATE FUNCTION apply(j bigint, num int[], groups jsonb) RETURNS int[] LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE g jsonb; idxs int[]; lo int; hi int; n int; target int; o record;
BEGIN
    FOR g IN SELECT * FROM jsonb_array_elements(groups) LOOP
        SELECT array_agg(i::int), min(i::int), max(i::int) INTO idxs, lo, hi FROM jsonb_array_elements_text(g->'idx') AS i;
        target := (g->>'state')::int;
        IF idxs IS NULL OR target NOT BETWEEN 0 AND 12 THEN RAISE EXCEPTION 'a group without changes' USING ERRCODE = 'ST008'; END IF;
        FOR o IN SELECT state, count(*)::int AS total FROM change WHERE job = j AND idx BETWEEN lo AND hi AND idx = ANY (idxs) GROUP BY state LOOP
            num[outcome(o.state)] := num[outcome(o.state)] - o.total;
            num[outcome(target)] := num[outcome(target)] + o.total;
        END LOOP;
        UPDATE change SET state = target, code = (g->>'code')::smallint, reason = g->>'reason',
                attempts = coalesce((g->>'attempts')::smallint, CASE WHEN target = 0 AND state = 1 THEN greatest(attempts - 1, 0) ELSE attempts END)
            WHERE job = j AND idx BETWEEN lo AND hi AND idx = ANY (idxs) AND (state <= 3 OR state = target)
                AND state = coalesce((g->>'from')::smallint, state) AND attempts = coalesce((g->>'was')::smallint, attempts);
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n <> cardinality(idxs) THEN RAISE EXCEPTION '% of % can become %', n, cardinality(idxs), target USING ERRCODE = 'ST008'; END IF;
    END LOOP;
    RETURN num;
END $$;

-- The local statuses that follow from verified changes; called under the turn. One that is newer than the plan stays.
CREATE FUNCTION verified(s bigint, c int, j bigint, groups jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE g jsonb; idxs int[]; plan bigint; h record; t timestamptz := clock_timestamp();
BEGIN
    SELECT min(seq) INTO plan FROM event WHERE job = j AND what = 'recorded';
    FOR g IN SELECT * FROM jsonb_array_elements(groups) LOOP
        CONTINUE WHEN (g->>'state')::int <> 4;
        SELECT array_agg(i::int) INTO idxs FROM jsonb_array_elements_text(g->'idx') AS i;
        FOR h IN SELECT x.account, x.kind, x.id, x.place, x.wanted, x.before FROM change AS x
            LEFT JOIN local_status AS l USING (account, kind, id)
            WHERE x.job = j AND x.idx = ANY (idxs) AND x.place <> 1 AND (l.seq IS NULL OR l.seq <= plan OR l.job = j) LOOP
            IF h.place = 0 THEN
                PERFORM keep(s, c, j, h.account, h.kind, h.id, NULL, h.wanted, h.before, t);
            ELSE
                PERFORM keep(s, c, j, h.account, h.kind, h.id, coalesce((g->>'kept')::int, h.wanted), h.wanted, h.before, t);
            END IF;
        END LOOP;
    END LOOP;
END $$;

-- Groups as an event holds them: numbers by the word of the state.
CREATE FUNCTION moved(groups jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE SET search_path = @schema@, pg_catalog, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(word, ranges(idxs)), '{}') FROM (
        SELECT (ARRAY['pending', 'inflight', 'accepted', 'unknown', 'verified', 'local', 'refused', 'contradicted', 'drifted', 'failed', 'skipped', 'cancelled', 'unverifiable'])[(g->>'state')::int + 1] AS word,
            array_agg(i::int) AS idxs
        FROM jsonb_array_elements(groups) AS g, jsonb_array_elements_text(g->'idx') AS i GROUP BY 1) AS x
$$;

CREATE FUNCTION chunk_answer(k uuid, req bigint, j bigint, tok int, ch int, class text, status int, groups jsonb, lines text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); r job; s bigint; num int[];
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    r := held(c, j, tok);
    UPDATE chunk SET class = chunk_answer.class, status = chunk_answer.status, answered_at = clock_timestamp() WHERE job = j AND chunk = ch;
    IF NOT FOUND THEN RAISE EXCEPTION 'no chunk %', ch USING ERRCODE = 'ST008'; END IF;
    num := apply(j, r.counts, groups);
    IF cardinality(coalesce(lines, '{}')) > 0 THEN PERFORM audit_add(c, req, lines); END IF;
    s := append(c, req, j, 'answer', jsonb_build_object('chunk', ch, 'class', chunk_answer.class, 'status', chunk_answer.status, 'changes', moved(groups))::text, NULL);
    UPDATE event SET answer = s::text WHERE seq = s;
    PERFORM verified(s, c, j, groups);
    UPDATE job SET counts = num, writes = writes + 1, seq = s WHERE id = j;
    RETURN s;
END $$;

CREATE FUNCTION job_readings(k uuid, req bigint, j bigint, tok int, groups jsonb, more bigint, lines text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); r job; s bigint; num int[];
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    r := held(c, j, tok);
    num := apply(j, r.counts, groups);
    IF cardinality(coalesce(lines, '{}')) > 0 THEN PERFORM audit_add(c, req, lines); END IF;
    s := append(c, req, j, 'readings', jsonb_build_object('reads', more, 'changes', moved(groups))::text, NULL);
    UPDATE event SET answer = s::text WHERE seq = s;
    PERFORM verified(s, c, j, groups);
    UPDATE job SET counts = num, reads = reads + more, seq = s WHERE id = j;
    RETURN s;
END $$;

CREATE FUNCTION job_state(k uuid, req bigint, j bigint, tok int, st text, why text, until timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); r job; s bigint; num int[]; final boolean := st IN ('done', 'done_with_exceptions', 'cancelled', 'discarded'); flying boolean;
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    IF st NOT IN ('planned', 'running', 'paused', 'done', 'done_with_exceptions', 'cancelled', 'discarded') THEN RAISE EXCEPTION 'no state %', st USING ERRCODE = 'ST008'; END IF;
    SELECT * INTO r FROM job WHERE id = j FOR NO KEY UPDATE;
    -- The end that it has is no news.
    IF r.ended_at IS NOT NULL AND r.state = st THEN RETURN r.seq; END IF;
    r := held(c, j, tok);
    num := r.counts;
    IF final THEN
        num[8] := num[8] + (SELECT count(*)::int FROM change WHERE job = j AND state = 0);
        num[5] := num[5] + (SELECT count(*)::int FROM change WHERE job = j AND state BETWEEN 1 AND 3);
        num[9] := 0;  num[10] := 0;  num[11] := 0;
        UPDATE change SET state = 12 WHERE job = j AND state BETWEEN 1 AND 3;
        UPDATE change SET state = 11, code = CASE WHEN attempts > 0 THEN NULL ELSE code END,
                reason = CASE WHEN attempts > 0 THEN 'cancelled before it was sent again' ELSE reason END
            WHERE job = j AND state = 0;
        DELETE FROM live WHERE job = j;
    END IF;
    SELECT EXISTS (SELECT 1 FROM chunk WHERE job = j AND answered_at IS NULL) INTO flying;
    s := append(c, req, j, 'state', jsonb_build_object('state', st, 'paused', why, 'counts', num)::text, NULL);
    UPDATE event SET answer = s::text WHERE seq = s;
    UPDATE job SET state = st, paused = CASE WHEN st = 'paused' THEN why END, paused_until = CASE WHEN st = 'paused' THEN until END, counts = num, seq = s,
        ended_at = CASE WHEN final THEN clock_timestamp() END, asked = NULL, asked_by = NULL,
        holder = CASE WHEN final OR st = 'paused' AND NOT flying THEN NULL ELSE holder END WHERE id = j;
    RETURN s;
END $$;

CREATE FUNCTION job_take(k uuid, req bigint, j bigint, force boolean) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); r job; h console; s bigint; num int[]; lease int;
BEGIN
    IF was IS NOT NULL THEN RETURN was::int; END IF;
    SELECT * INTO r FROM job WHERE id = j FOR NO KEY UPDATE;
    IF r.id IS NULL THEN RAISE EXCEPTION 'no job' USING ERRCODE = 'ST006'; END IF;
    IF r.ended_at IS NOT NULL THEN RAISE EXCEPTION 'ended (%)', r.state USING ERRCODE = 'ST005'; END IF;
    IF r.holder = c THEN RETURN r.token; END IF;
    IF r.holder IS NOT NULL THEN
        SELECT * INTO h FROM console WHERE id = r.holder;
        SELECT lease_seconds INTO lease FROM meta;
        IF h.gone_at IS NULL AND h.seen_at + make_interval(secs => lease) > clock_timestamp() AND NOT force THEN
            RAISE EXCEPTION '%@%, process %', h.role, h.host, h.pid USING ERRCODE = 'ST009';
        END IF;
    END IF;
    num := r.counts;
    num[10] := num[10] + num[9] + (SELECT count(*)::int FROM change WHERE job = j AND state = 1);
    num[11] := num[11] - (SELECT count(*)::int FROM change WHERE job = j AND state = 1);
    num[9] := 0;
    UPDATE change SET state = 3, code = NULL, reason = NULL WHERE job = j AND state IN (1, 2);
    -- A chunk of the old holder gets no answer any more.
    UPDATE chunk SET answered_at = clock_timestamp(), class = 'lost' WHERE job = j AND answered_at IS NULL;
    s := append(c, req, j, 'taken', jsonb_build_object('token', r.token + 1, 'from', r.holder, 'force', force)::text, (r.token + 1)::text);
    UPDATE job SET token = token + 1, holder = c, asked = NULL, asked_by = NULL, counts = num, seq = s WHERE id = j;
    RETURN r.token + 1;
END $$;

CREATE FUNCTION job_confirm(k uuid, req bigint, j bigint, tok int) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint;
BEGIN
    IF was IS NOT NULL THEN RETURN 0; END IF;
    PERFORM held(c, j, tok);
    s := append(c, req, j, 'confirmed', '{}', '0');
    UPDATE job SET confirmed_at = clock_timestamp(), seq = s WHERE id = j;
    RETURN s;
END $$;

CREATE FUNCTION job_ask(k uuid, req bigint, j bigint, what text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; r job;
BEGIN
    IF was IS NOT NULL THEN RETURN 0; END IF;
    IF what <> 'pause' THEN RAISE EXCEPTION 'no request %', what USING ERRCODE = 'ST008'; END IF;
    SELECT * INTO r FROM job WHERE id = j FOR NO KEY UPDATE;
    IF r.id IS NULL THEN RAISE EXCEPTION 'no job' USING ERRCODE = 'ST006'; END IF;
    IF r.ended_at IS NOT NULL THEN RAISE EXCEPTION 'ended (%)', r.state USING ERRCODE = 'ST005'; END IF;
    s := append(c, req, j, 'asked', jsonb_build_object('what', what)::text, '0');
    UPDATE job SET asked = what, asked_by = c, seq = s WHERE id = j;
    RETURN s;
END $$;

-- Points the leaks of a job to its words, 10,000 a call; returns where to go on, 0 at the end.
CREATE FUNCTION job_words(k uuid, req bigint, j bigint, first int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; upto int; r job;
BEGIN
    IF was IS NOT NULL THEN RETURN was::int; END IF;
    SELECT * INTO r FROM job WHERE id = j FOR NO KEY UPDATE;
    IF r.id IS NULL THEN RAISE EXCEPTION 'no job' USING ERRCODE = 'ST006'; END IF;
    IF r.worded THEN RETURN 0; END IF;
    upto := CASE WHEN EXISTS (SELECT 1 FROM change WHERE job = j AND idx >= first + 10000) THEN first + 10000 ELSE 0 END;
    s := append(c, req, j, 'words', jsonb_build_object('from', first, 'to', first + 9999)::text, upto::text);
    INSERT INTO words (account, kind, id, job, seq)
        SELECT account, kind, id, j, s FROM change WHERE job = j AND idx BETWEEN first AND first + 9999 AND state NOT IN (8, 10, 11)
        ON CONFLICT (account, kind, id) DO UPDATE SET job = excluded.job, seq = excluded.seq WHERE words.job < excluded.job;
    UPDATE job SET worded = (upto = 0), seq = s WHERE id = j;
    RETURN upto;
END $$;

CREATE FUNCTION claim(k uuid, req bigint, act text, accounts int[], kinds smallint[], ids bytea[])
    RETURNS TABLE (place int, changed boolean, by_role text, by_user text, by_host text, by_tty text, by_pid text, ends timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; t timestamptz; rows jsonb; n int;
BEGIN
    IF was IS NULL THEN
        IF act NOT IN ('claim', 'take', 'release') THEN RAISE EXCEPTION 'no act %', act USING ERRCODE = 'ST008'; END IF;
        LOCK TABLE turn IN EXCLUSIVE MODE;
        t := clock_timestamp();
        SELECT coalesce(jsonb_agg(jsonb_build_array(w.place - 1,
                CASE WHEN act = 'release' THEN m.role = session_user ELSE act = 'take' OR m.role IS NULL OR m.role = session_user END,
                m.role, o.os_user, o.host, o.tty, o.pid, m.until) ORDER BY w.place), '[]')
            INTO rows FROM unnest(accounts, kinds, ids) WITH ORDINALITY AS w (account, kind, id, place)
            LEFT JOIN claim AS m ON m.account = w.account AND m.kind = w.kind AND m.id = w.id AND m.until > t
            LEFT JOIN console AS o ON o.id = m.console;
        SELECT count(*) INTO n FROM jsonb_array_elements(rows) AS x WHERE x->>1 = 'true';
        IF n > 0 THEN
            s := append(c, req, NULL, 'claims', jsonb_build_object('act', act, 'leaks', n)::text, rows::text);
            INSERT INTO claim AS m (account, kind, id, role, console, until, seq)
                SELECT DISTINCT ON (w.account, w.kind, w.id) w.account, w.kind, w.id, session_user, c, CASE WHEN act = 'release' THEN '-infinity' ELSE t + interval '8 hours' END, s
                FROM unnest(accounts, kinds, ids) WITH ORDINALITY AS w (account, kind, id, place)
                JOIN jsonb_array_elements(rows) AS x ON (x->>0)::int = w.place - 1 WHERE x->>1 = 'true'
                ON CONFLICT (account, kind, id) DO UPDATE SET role = excluded.role, console = excluded.console, until = excluded.until, seq = excluded.seq;
            -- One's own claim that is made again is no act.
            INSERT INTO leak_event (account, kind, id, at, console, what, seq)
                SELECT w.account, w.kind, w.id, t, c, act, s FROM unnest(accounts, kinds, ids) WITH ORDINALITY AS w (account, kind, id, place)
                JOIN jsonb_array_elements(rows) AS x ON (x->>0)::int = w.place - 1
                WHERE x->>1 = 'true' AND (act = 'release' OR x->>2 IS DISTINCT FROM session_user::text) ORDER BY w.place;
        END IF;
    ELSE
        rows := was::jsonb;
    END IF;
    RETURN QUERY SELECT (x->>0)::int, coalesce((x->>1)::boolean, false), x->>2, x->>3, x->>4, x->>5, x->>6, (x->>7)::timestamptz FROM jsonb_array_elements(rows) AS x;
END $$;

-- Adds the same note to leaks; returns its time.
CREATE FUNCTION note_add(k uuid, req bigint, accounts int[], kinds smallint[], ids bytea[], note text) RETURNS timestamptz LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; t timestamptz;
BEGIN
    IF was IS NOT NULL THEN RETURN was::timestamptz; END IF;
    LOCK TABLE turn IN EXCLUSIVE MODE;
    t := clock_timestamp();
    s := append(c, req, NULL, 'note', jsonb_build_object('leaks', cardinality(ids))::text, t::text);
    INSERT INTO leak_event (account, kind, id, at, console, what, words, seq)
        SELECT w.account, w.kind, w.id, t, c, 'note', note, s FROM unnest(accounts, kinds, ids) WITH ORDINALITY AS w (account, kind, id, place) ORDER BY w.place;
    RETURN t;
END $$;

CREATE FUNCTION claim_renew(k uuid, req bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; n bigint; t timestamptz;
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    LOCK TABLE turn IN EXCLUSIVE MODE;
    t := clock_timestamp();
    SELECT count(*) INTO n FROM claim WHERE role = session_user AND until > t;
    IF n > 0 THEN
        s := append(c, req, NULL, 'claims', jsonb_build_object('act', 'renew', 'leaks', n)::text, n::text);
        UPDATE claim SET until = t + interval '8 hours', seq = s WHERE role = session_user AND until > t;
    END IF;
    RETURN n;
END $$;

-- Statuses from a file: of each leak the one that was set last stays.
CREATE FUNCTION statuses_import(k uuid, req bigint, rows jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); s bigint; x record; l local_status; n int[] := ARRAY[0, 0, 0]; told jsonb := '[]'; counts jsonb;
BEGIN
    IF was IS NOT NULL THEN RETURN was::jsonb; END IF;
    LOCK TABLE turn IN EXCLUSIVE MODE;
    -- Under the turn this is the number that the event will have.
    SELECT coalesce(max(seq), 0) + 1 INTO s FROM event;
    FOR x IN SELECT * FROM jsonb_to_recordset(rows) AS y (account int, kind smallint, id text, status smallint, remote smallint, set_at timestamptz, previous smallint, words jsonb) LOOP
        SELECT * INTO l FROM local_status AS z WHERE z.account = x.account AND z.kind = x.kind AND z.id = decode(x.id, 'hex');
        IF l.account IS NULL OR x.set_at > l.set_at THEN
            n[1] := n[1] + 1;
            PERFORM keep(s, c, NULL, x.account, x.kind, decode(x.id, 'hex'), x.status, x.remote, coalesce(l.status, x.previous), x.set_at);
            IF x.words IS NOT NULL AND x.words <> 'null' THEN told := told || jsonb_build_array(x.words || jsonb_build_object('account', x.account, 'kind', x.kind, 'id', x.id, 'at', x.set_at)); END IF;
        ELSIF x.set_at = l.set_at AND x.status IS NOT DISTINCT FROM l.status AND x.remote IS NOT DISTINCT FROM l.remote_then THEN
            n[2] := n[2] + 1;
        ELSE
            n[3] := n[3] + 1;
        END IF;
    END LOOP;
    counts := jsonb_build_object('imported', n[1], 'unchanged', n[2], 'older', n[3]);
    PERFORM append(c, req, NULL, 'statuses', (counts || CASE WHEN told = '[]' THEN '{}' ELSE jsonb_build_object('words', told) END)::text, counts::text);
    RETURN counts;
END $$;

CREATE FUNCTION audit_append(k uuid, req bigint, lines text[], j bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); s bigint;
BEGIN
    SELECT seq INTO s FROM audit WHERE console = c AND n = req;
    IF s IS NOT NULL THEN RETURN s; END IF;
    IF j IS NOT NULL THEN
        PERFORM 1 FROM job WHERE id = j AND ended_at IS NOT NULL FOR NO KEY UPDATE;
        IF NOT FOUND THEN RAISE EXCEPTION 'no ended job' USING ERRCODE = 'ST006'; END IF;
    END IF;
    -- Two consoles may find the same job without its lines: the second one adds none.
    IF j IS NOT NULL AND EXISTS (SELECT 1 FROM job WHERE id = j AND told + cardinality(lines) > (SELECT sum(x) FROM unnest(counts) AS x)) THEN
        RAISE EXCEPTION 'more lines than changes' USING ERRCODE = 'ST008';
    END IF;
    s := audit_add(c, req, lines);
    IF j IS NOT NULL THEN UPDATE job SET told = told + cardinality(lines) WHERE id = j; END IF;
    RETURN s;
END $$;

-- Drops the changes of jobs that ended before a time, a partition at a time; for the owner alone.
CREATE FUNCTION retain(before timestamptz, dry boolean) RETURNS TABLE (part text, jobs bigint, changes bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE p record; lo bigint;
BEGIN
    FOR p IN SELECT c.relname::text AS name FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
        WHERE i.inhparent = '@schema@.change'::regclass ORDER BY length(c.relname), c.relname LOOP
        lo := substr(p.name, 8)::bigint * 1000;
        CONTINUE WHEN EXISTS (SELECT 1 FROM job WHERE id >= lo AND id < lo + 1000 AND (ended_at IS NULL OR ended_at >= retain.before));
        SELECT count(*) INTO jobs FROM job WHERE id >= lo AND id < lo + 1000;
        CONTINUE WHEN jobs = 0 OR NOT EXISTS (SELECT 1 FROM job WHERE id >= lo + 1000);
        EXECUTE format('SELECT count(*) FROM %I', p.name) INTO changes;
        part := p.name;
        IF NOT dry THEN
            EXECUTE format('ALTER TABLE change DETACH PARTITION %I', p.name);
            EXECUTE format('DROP TABLE %I', p.name);
            PERFORM append(NULL, NULL, NULL, 'retained', jsonb_build_object('part', p.name, 'jobs', jobs, 'changes', changes, 'before', retain.before)::text, NULL);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;

-- Pins an account to another origin or team; for the owner alone.
CREATE FUNCTION account_set(name text, provider text, origin text, team text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE n int;
BEGIN
    UPDATE account SET origin = coalesce(account_set.origin, account.origin), team = coalesce(account_set.team, account.team)
        WHERE account.name = account_set.name AND (account_set.provider IS NULL OR account.provider = account_set.provider);
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN PERFORM append(NULL, NULL, NULL, 'account', jsonb_build_object('name', account_set.name, 'origin', account_set.origin, 'team', account_set.team)::text, NULL); END IF;
    RETURN n;
END $$;

-- Takes an ended job of an embedded journal in; for the owner alone. The job of this source and number is taken in once.
CREATE FUNCTION job_import(k uuid, req bigint, src bytea, header jsonb, changes jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE c int := me(k); was text := again(c, req); j bigint; s bigint; num int[]; old bigint := (header->>'id')::bigint;
BEGIN
    IF was IS NOT NULL THEN RETURN was::bigint; END IF;
    SELECT id INTO j FROM job WHERE source = src AND imported_id = old;
    IF j IS NOT NULL THEN RETURN j; END IF;
    SELECT array_agg(x::int ORDER BY at) INTO num FROM jsonb_array_elements_text(header->'counts') WITH ORDINALITY AS y (x, at);
    BEGIN
        INSERT INTO job (state, command, wanted, plan_hash, made_at, created_at, confirmed_at, started_at, ended_at, reason, note, ticket, counts, plan_ms, writes, reads, author, token, told, source, imported_id, seq)
            VALUES (header->>'state', header->>'command', (header->>'wanted')::smallint, header->>'plan_hash', (header->>'created_at')::timestamptz, (header->>'created_at')::timestamptz,
                (header->>'created_at')::timestamptz, (header->>'started_at')::timestamptz, (header->>'ended_at')::timestamptz, header->>'reason', header->>'note', header->>'ticket',
                num, (header->>'plan_ms')::bigint, (header->>'writes')::bigint, (header->>'reads')::bigint, c, 1, (SELECT sum(x) FROM unnest(num) AS x), src, old, 0) RETURNING id INTO j;
    EXCEPTION WHEN unique_violation THEN RAISE EXCEPTION 'stale' USING ERRCODE = 'ST007';
    END;
    UPDATE job SET retries = (SELECT id FROM job WHERE source = src AND imported_id = (header->>'retries')::bigint),
        undoes = (SELECT id FROM job WHERE source = src AND imported_id = (header->>'undoes')::bigint),
        redoes = (SELECT id FROM job WHERE source = src AND imported_id = (header->>'redoes')::bigint) WHERE id = j;
    UPDATE job SET undone_by = j WHERE source = src AND imported_id = coalesce((header->>'undoes')::bigint, (header->>'redoes')::bigint);
    PERFORM partition_for(j);
    INSERT INTO share (job, place, account, remote, local, bulk_size, origin, team)
        SELECT j, place, account, 0, 0, 1, origin, team FROM jsonb_to_recordset(header->'shares') AS x (place smallint, account int, origin text, team text);
    INSERT INTO change (job, idx, account, kind, id, before, wanted, place, state, attempts, code, reason)
        SELECT j, (x->>0)::int, (x->>1)::int, (x->>2)::smallint, decode(x->>3, 'hex'), (x->>4)::smallint, (x->>5)::smallint, (x->>6)::smallint, (x->>7)::smallint, (x->>8)::smallint, (x->>9)::smallint, x->>10
        FROM jsonb_array_elements(changes) AS x;
    s := append(c, req, j, 'imported', jsonb_build_object('source', encode(src, 'hex'), 'id', old, 'by', header->>'by')::text, j::text);
    UPDATE job SET seq = s, worded = false WHERE id = j;
    RETURN j;
END $$;

-- Keeps lines of the audit log of an embedded journal as they are; for the owner alone.
CREATE FUNCTION audit_import(k uuid, src bytea, first bigint, body text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
BEGIN
    PERFORM me(k);
    INSERT INTO audit_archive (source, first, body) VALUES (src, audit_import.first, audit_import.body) ON CONFLICT DO NOTHING;
END $$;
