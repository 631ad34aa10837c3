-- The team store, step 5: large plans. Rows of the stage are found by their place in a plan: by the plan alone, a plan of many
-- statuses that are kept here was joined with itself row by row, under the turn that all consoles wait for. Statuses are set and
-- removed in one statement.
DROP INDEX stage_of_batch;
CREATE INDEX stage_of_batch ON stage (batch, idx);

CREATE OR REPLACE FUNCTION job_record(k uuid, req bigint, header jsonb, b uuid, targets int, lines text[]) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
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
        LEFT JOIN (SELECT outcome(y.state) AS slot, sum(y.total)::int AS total
            FROM (SELECT h.state, count(*) AS total FROM change AS h WHERE h.job = j GROUP BY h.state) AS y GROUP BY 1) AS x USING (slot);
    IF num[9] + num[10] + num[11] = 0 AND locals > 0 THEN
        final := CASE WHEN num[6] > 0 OR coalesce((header->>'leaves_behind')::boolean, false) THEN 'done_with_exceptions' ELSE 'done' END;
    END IF;
    st := coalesce(final, 'planned');
    s := append(c, req, j, 'recorded', jsonb_build_object('plan', header->>'plan_hash', 'command', header->>'command', 'wanted', (header->>'wanted')::int, 'targets', targets)::text, j::text);
    IF locals > 0 THEN
        -- A status that equals the provider's own, and an unknown one, remove what is kept.
        UPDATE local_status AS l SET status = NULL, previous = l.status, remote_then = x.remote, set_at = t, job = j, console = c, seq = s
            FROM change AS h JOIN stage AS x ON x.batch = b AND x.idx = h.idx
            WHERE h.job = j AND h.state = 5 AND coalesce(h.wanted = 5 OR h.wanted = x.remote, false)
                AND l.account = h.account AND l.kind = h.kind AND l.id = h.id AND l.status IS NOT NULL;
        INSERT INTO local_status (account, kind, id, status, remote_then, set_at, job, console, previous, seq)
            SELECT h.account, h.kind, h.id, h.wanted, x.remote, t, j, c, x.before, s
            FROM change AS h JOIN stage AS x ON x.batch = b AND x.idx = h.idx
            WHERE h.job = j AND h.state = 5 AND NOT coalesce(h.wanted = 5 OR h.wanted = x.remote, false) ORDER BY h.account, h.kind, h.id
            ON CONFLICT (account, kind, id) DO UPDATE SET status = excluded.status, remote_then = excluded.remote_then, set_at = excluded.set_at,
                job = excluded.job, console = excluded.console, previous = excluded.previous, seq = excluded.seq;
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

-- The local statuses that follow from verified changes; called under the turn. One that is newer than the plan stays.
CREATE OR REPLACE FUNCTION verified(s bigint, c int, j bigint, groups jsonb) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
DECLARE g jsonb; idxs int[]; plan bigint; kept int; t timestamptz := clock_timestamp();
BEGIN
    SELECT min(seq) INTO plan FROM event WHERE job = j AND what = 'recorded';
    FOR g IN SELECT * FROM jsonb_array_elements(groups) LOOP
        CONTINUE WHEN (g->>'state')::int <> 4;
        SELECT array_agg(i::int) INTO idxs FROM jsonb_array_elements_text(g->'idx') AS i;
        kept := (g->>'kept')::int;
        -- Statuses of the provider alone, and of both where the provider has the one that was asked for.
        UPDATE local_status AS l SET status = NULL, previous = l.status, remote_then = x.wanted, set_at = t, job = j, console = c, seq = s
            FROM change AS x
            WHERE x.job = j AND x.idx = ANY (idxs) AND x.place <> 1 AND (x.place = 0 OR coalesce(kept, x.wanted) IN (5, x.wanted))
                AND l.account = x.account AND l.kind = x.kind AND l.id = x.id AND l.status IS NOT NULL AND (l.seq <= plan OR l.job = j);
        INSERT INTO local_status AS l (account, kind, id, status, remote_then, set_at, job, console, previous, seq)
            SELECT x.account, x.kind, x.id, kept, x.wanted, t, j, c, x.before, s
            FROM change AS x LEFT JOIN local_status AS o USING (account, kind, id)
            WHERE x.job = j AND x.idx = ANY (idxs) AND x.place NOT IN (0, 1) AND kept NOT IN (5, x.wanted) AND (o.seq IS NULL OR o.seq <= plan OR o.job = j)
            ORDER BY x.account, x.kind, x.id
            ON CONFLICT (account, kind, id) DO UPDATE SET status = excluded.status, remote_then = excluded.remote_then, set_at = excluded.set_at,
                job = excluded.job, console = excluded.console, previous = excluded.previous, seq = excluded.seq;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION account_of(k uuid, req bigint, name text, provider text, origin text, team text) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = @schema@, pg_catalog, pg_temp AS $$
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
        UPDATE account SET origin = account_of.origin, team = account_of.team WHERE id = a.id AND account.origin = '';
        IF FOUND THEN
            PERFORM append(c, req, NULL, 'account', jsonb_build_object('id', a.id, 'origin', account_of.origin, 'team', account_of.team)::text, a.id::text);
            RETURN a.id;
        END IF;
        -- Of two that pin it at once the second one is compared with the first.
        SELECT * INTO a FROM account WHERE id = a.id;
    END IF;
    IF (a.origin, a.team) IS DISTINCT FROM (account_of.origin, account_of.team) THEN
        RAISE EXCEPTION '%', jsonb_build_object('account', a.name, 'origin', a.origin, 'team', a.team) USING ERRCODE = 'ST012';
    END IF;
    RETURN a.id;
END $$;

-- A plan that is made once for all lists of numbers goes through the list from its beginning for each row.
ALTER FUNCTION apply(bigint, int[], jsonb) SET plan_cache_mode = force_custom_plan;
ALTER FUNCTION verified(bigint, int, bigint, jsonb) SET plan_cache_mode = force_custom_plan;
