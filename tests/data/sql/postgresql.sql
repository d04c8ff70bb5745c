-- The statements that the job table 'mlp_' sends to postgresql: before each, the class that holds it
-- (in jobman/database, query or table) and its attribute; after it, the values that are always
-- bound. SQLAlchemy composed them. After a change of it or of ours, this writes them anew:
--     python tests/sql_statements.py
-- Some that run once are not here: what begins a transaction or sets up a connection
-- (transactions.py), the lock while tables are made (schema.py), the ids set aside for a copy
-- (copying.py).

-- BulkUpdates.status
UPDATE mlp_trial
SET write=CASE WHEN (%(new_status)s::INTEGER = %(param_1)s::INTEGER
    OR %(new_status)s::INTEGER = %(param_2)s::INTEGER) THEN NULL ELSE mlp_trial.write END, read=CASE
        WHEN (mlp_trial.status = %(status_1)s::INTEGER AND %(new_status)s::INTEGER =
        %(param_3)s::INTEGER) THEN mlp_trial.read ELSE (mlp_trial.read + interval '1 microsecond')
        END, status=%(new_status)s::INTEGER
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
AND (coalesce(mlp_trial.status, %(coalesce_1)s::INTEGER) != %(new_status)s::INTEGER
    OR %(new_status)s::INTEGER = %(param_1)s::INTEGER
    AND mlp_trial.write IS NOT NULL);
-- param_1 = 0, param_2 = 1, status_1 = 1, param_3 = -1, coalesce_1 = -2

-- BulkUpdates.priority
UPDATE mlp_trial
SET priority=%(new_priority)s
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- BulkUpdates.hash
UPDATE mlp_trial
SET hash=%(new_hash)s::BIGINT
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- BulkUpdates.heartbeat
SELECT mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- BulkUpdates.end_claim
UPDATE mlp_trial
SET read=(mlp_trial.read + interval '1 microsecond')
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- BulkUpdates.delete_keys
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[]);

-- BulkUpdates.delete
DELETE
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- Claims.take_one
UPDATE mlp_trial
SET write=(clock_timestamp() AT TIME ZONE 'UTC'), read=greatest((clock_timestamp() AT TIME ZONE
    'UTC'), (mlp_trial.read + interval '1 microsecond')), status=%(status)s::INTEGER
WHERE mlp_trial.id = %(job_id)s::INTEGER
AND mlp_trial.status = ANY (%(statuses)s::BIGINT[])
RETURNING mlp_trial.id, mlp_trial.read;
-- status = 1

-- Claims.heartbeat
UPDATE mlp_trial
SET write=(clock_timestamp() AT TIME ZONE 'UTC')
WHERE mlp_trial.id = %(job_id)s::INTEGER
AND mlp_trial.read = %(token)s
AND mlp_trial.status IN (%(status_1_1)s::INTEGER, %(status_1_2)s::INTEGER)
RETURNING mlp_trial.status;
-- status_1_1 = 1, status_1_2 = -1

-- Claims.heartbeats
WITH alive AS (UPDATE mlp_trial
    SET write=(clock_timestamp() AT TIME ZONE 'UTC')
    FROM unnest(%(ids)s::BIGINT[], %(tokens)s::TIMESTAMP WITHOUT TIME ZONE[], %(lives)s::TEXT[]) AS
        anon_1(id, token, live)
    WHERE mlp_trial.id = anon_1.id
    AND mlp_trial.read = anon_1.token
    AND mlp_trial.status IN (%(status_1_1)s::INTEGER, %(status_1_2)s::INTEGER)
    RETURNING mlp_trial.id, mlp_trial.read, mlp_trial.status, anon_1.live), live AS (UPDATE
        mlp_keyval
    SET sval=alive.live
    FROM alive
    WHERE mlp_keyval.dict_id = alive.id
    AND (mlp_keyval.name = %(name_1)s::VARCHAR) IS true
    AND alive.live IS NOT NULL)
SELECT alive.id, alive.read, alive.status
FROM alive;
-- name_1 = 'jobman.live', status_1_1 = 1, status_1_2 = -1

-- Claims.write_back
UPDATE mlp_trial
SET write=CASE WHEN (%(new_status)s::INTEGER = %(param_1)s::INTEGER) THEN ((clock_timestamp() AT
    TIME ZONE 'UTC') + %(pause_seconds)s * interval '1 second') ELSE (clock_timestamp() AT TIME ZONE
    'UTC') END, status=CASE WHEN (mlp_trial.status = %(status_1)s::INTEGER) THEN mlp_trial.status
    ELSE %(new_status)s::INTEGER END, priority=coalesce(%(new_priority)s, mlp_trial.priority)
WHERE mlp_trial.id = %(job_id)s::INTEGER
AND mlp_trial.read = %(token)s
AND mlp_trial.status IN (%(status_2_1)s::INTEGER, %(status_2_2)s::INTEGER)
RETURNING mlp_trial.status, mlp_trial.priority;
-- param_1 = 0, status_1 = -1, status_2_1 = 1, status_2_2 = -1

-- Claims.standing
SELECT mlp_trial.status, mlp_trial.read
FROM mlp_trial
WHERE mlp_trial.id = %(job_id)s::INTEGER;

-- Claims.release
UPDATE mlp_trial
SET write=CASE WHEN (%(new_status)s::INTEGER = %(param_1)s::INTEGER) THEN NULL ELSE mlp_trial.write
    END, read=(mlp_trial.read + interval '1 microsecond'), status=%(new_status)s::INTEGER
WHERE mlp_trial.id = %(job_id)s::INTEGER;
-- param_1 = 0

-- Claims.expired
SELECT mlp_trial.id, mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.status = %(status_1)s::INTEGER
AND mlp_trial.write < ((clock_timestamp() AT TIME ZONE 'UTC') - %(seconds)s * interval '1 second')
ORDER BY mlp_trial.id;
-- status_1 = 1

-- Claims.expired_locked
SELECT mlp_trial.id, mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.status = %(status_1)s::INTEGER
AND mlp_trial.write < ((clock_timestamp() AT TIME ZONE 'UTC') - %(seconds)s * interval '1 second')
ORDER BY mlp_trial.id
FOR UPDATE SKIP LOCKED;
-- status_1 = 1

-- Claims.take
UPDATE mlp_trial
SET write=(clock_timestamp() AT TIME ZONE 'UTC'), read=greatest((clock_timestamp() AT TIME ZONE
    'UTC'), (mlp_trial.read + interval '1 microsecond')), status=%(status)s::INTEGER
WHERE mlp_trial.id = (SELECT mlp_trial.id
    FROM mlp_trial
    WHERE mlp_trial.status = %(status_1)s::INTEGER
    AND (mlp_trial.write IS NULL
        OR NOT (mlp_trial.write > (clock_timestamp() AT TIME ZONE 'UTC')
            AND mlp_trial.write <= ((clock_timestamp() AT TIME ZONE 'UTC') + %(param_1)s * interval
                '1 second')))
    ORDER BY mlp_trial.priority DESC, mlp_trial.id
    LIMIT %(param_2)s::INTEGER
    FOR UPDATE SKIP LOCKED)
RETURNING mlp_trial.id, mlp_trial.read;
-- status = 1, status_1 = 0, param_1 = 86400.0, param_2 = 1

-- Claims.take, where nll < 0.1
UPDATE mlp_trial
SET write=(clock_timestamp() AT TIME ZONE 'UTC'), read=greatest((clock_timestamp() AT TIME ZONE
    'UTC'), (mlp_trial.read + interval '1 microsecond')), status=%(status)s::INTEGER
WHERE mlp_trial.id = (SELECT mlp_trial.id
    FROM mlp_trial
    WHERE mlp_trial.status = %(status_1)s::INTEGER
    AND (EXISTS (SELECT 1
            FROM mlp_keyval
            WHERE mlp_keyval.dict_id = mlp_trial.id
            AND mlp_keyval.name = %(name_1)s::VARCHAR
            AND (mlp_keyval.ival < %(param_1)s
                OR nullif(mlp_keyval.fval, 'NaN') < %(param_1)s)))
    AND (mlp_trial.write IS NULL
        OR NOT (mlp_trial.write > (clock_timestamp() AT TIME ZONE 'UTC')
            AND mlp_trial.write <= ((clock_timestamp() AT TIME ZONE 'UTC') + %(param_2)s * interval
                '1 second')))
    ORDER BY mlp_trial.priority DESC, mlp_trial.id
    LIMIT %(param_3)s::INTEGER
    FOR UPDATE SKIP LOCKED)
RETURNING mlp_trial.id, mlp_trial.read;
-- status = 1, status_1 = 0, name_1 = 'nll', param_1 = 0.1, param_2 = 86400.0, param_3 = 1

-- CopySide.page
SELECT mlp_trial.id, mlp_trial."create", mlp_trial.write, mlp_trial.read, mlp_trial.status,
    mlp_trial.priority, mlp_trial.hash
FROM mlp_trial
WHERE mlp_trial.id > %(after)s::INTEGER
ORDER BY mlp_trial.id
LIMIT %(param_1)s::INTEGER;
-- param_1 = 500

-- CopySide.trials
SELECT mlp_trial.id, mlp_trial."create", mlp_trial.write, mlp_trial.read, mlp_trial.status,
    mlp_trial.priority, mlp_trial.hash
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- CopySide.keyvals
SELECT mlp_keyval.dict_id, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval,
    mlp_keyval.sval, mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[])
ORDER BY mlp_keyval.id;

-- CopySide.smallest
SELECT min(mlp_trial.id) AS min_1
FROM mlp_trial;

-- CopySide.largest
SELECT max(mlp_trial.id) AS max_1
FROM mlp_trial;

-- CopySide.insert_trials
INSERT INTO mlp_trial (id, "create", write, read, status, priority, hash)
SELECT *
FROM unnest(%s::INTEGER[], %s::TIMESTAMP WITHOUT TIME ZONE[], %s::TIMESTAMP WITHOUT TIME ZONE[],
    %s::TIMESTAMP WITHOUT TIME ZONE[], %s::INTEGER[], %s::FLOAT(53)[], %s::BIGINT[]);

-- CopySide.insert_keyvals
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
SELECT *
FROM unnest(%s::INTEGER[], %s::VARCHAR(128)[], %s::VARCHAR(1)[], %s::BIGINT[], %s::FLOAT(53)[],
    %s::TEXT[], %s::BYTEA[]);

-- Edits.facts
SELECT mlp_trial.id, mlp_trial.hash, mlp_trial.priority
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[]);

-- Insertion.lock
SELECT pg_advisory_xact_lock(hashtext(%(hashtext_1)s::VARCHAR)) AS pg_advisory_xact_lock_1;
-- hashtext_1 = 'mlp_trial insertion'

-- Insertion.reserve
SELECT nextval(CAST(pg_get_serial_sequence(%(pg_get_serial_sequence_1)s,
    %(pg_get_serial_sequence_2)s::VARCHAR) AS REGCLASS)) AS nextval_1
FROM generate_series(%(generate_series_1)s::INTEGER, %(count)s::INTEGER);
-- pg_get_serial_sequence_1 = 'mlp_trial', pg_get_serial_sequence_2 = 'id', generate_series_1 = 1

-- Insertion.skip_to
SELECT setval(CAST(pg_get_serial_sequence(%(pg_get_serial_sequence_1)s,
    %(pg_get_serial_sequence_2)s::VARCHAR) AS REGCLASS), greatest((SELECT max(mlp_trial.id) AS max_1
            FROM mlp_trial), nextval(CAST(pg_get_serial_sequence(%(pg_get_serial_sequence_1)s,
                %(pg_get_serial_sequence_2)s::VARCHAR) AS REGCLASS)))) AS setval_1;
-- pg_get_serial_sequence_1 = 'mlp_trial', pg_get_serial_sequence_2 = 'id'

-- Insertion.known_jobs
SELECT pg_class.reltuples
FROM pg_class
WHERE pg_class.oid = CAST(%(param_1)s AS REGCLASS);
-- param_1 = 'mlp_trial'

-- Insertion.known
SELECT mlp_trial.hash, mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.hash = ANY (%(hashes)s::BIGINT[]);

-- Insertion.any_unhashed
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.hash IS NULL
LIMIT %(param_1)s::INTEGER;
-- param_1 = 1

-- Insertion.now
SELECT (clock_timestamp() AT TIME ZONE 'UTC') AS anon_1;

-- Insertion.insert
INSERT INTO mlp_trial (id, "create", status, priority, hash)
SELECT *
FROM unnest(%s::INTEGER[], %s::TIMESTAMP WITHOUT TIME ZONE[], %s::INTEGER[], %s::FLOAT(53)[],
    %s::BIGINT[]);

-- Insertion.unhashed, of act = tanh, nhid = 50 and a list
SELECT mlp_trial.id, mlp_trial.status
FROM mlp_trial
WHERE mlp_trial.hash IS NULL
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_1)s::VARCHAR
        AND mlp_keyval.sval IN (%(sval_1_1)s::VARCHAR)))
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_2)s::VARCHAR
        AND (mlp_keyval.ival IN (%(ival_1_1)s::BIGINT)
            OR mlp_keyval.fval IN (%(fval_1_1)s))))
AND NOT (NOT (EXISTS (SELECT 1
            FROM mlp_keyval
            WHERE mlp_keyval.dict_id = mlp_trial.id
            AND mlp_keyval.name = %(name_3)s::VARCHAR)));
-- name_1 = 'act', name_2 = 'nhid', name_3 = 'sizes', sval_1_1 = 'tanh', ival_1_1 = 50, fval_1_1 =
-- 50.0

-- Integrity.doubled
SELECT mlp_keyval.dict_id, mlp_keyval.name, count(*) AS count_1
FROM mlp_keyval
GROUP BY mlp_keyval.dict_id, mlp_keyval.name
HAVING count(*) > %(count_2)s::INTEGER
ORDER BY mlp_keyval.dict_id, mlp_keyval.name;
-- count_2 = 1

-- Integrity.status
SELECT mlp_trial.id, mlp_trial.status, mlp_keyval.ival
FROM mlp_trial
LEFT OUTER JOIN mlp_keyval ON mlp_keyval.dict_id = mlp_trial.id
AND mlp_keyval.name = %(name_1)s::VARCHAR
WHERE coalesce(mlp_keyval.ival, %(coalesce_1)s::INTEGER) != mlp_trial.status
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.status', coalesce_1 = -2

-- Integrity.delete_earlier
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[])
AND (EXISTS (SELECT *
        FROM mlp_keyval AS later
        WHERE later.dict_id = mlp_keyval.dict_id
        AND later.name = mlp_keyval.name
        AND later.id > mlp_keyval.id));

-- Reading.jobs
SELECT mlp_trial.id, mlp_trial.status, mlp_trial.priority, mlp_trial."create", mlp_trial.read,
    mlp_trial.write, mlp_trial.hash, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival,
    mlp_keyval.fval, mlp_keyval.sval, mlp_keyval.bval
FROM mlp_trial
LEFT OUTER JOIN mlp_keyval ON mlp_keyval.dict_id = mlp_trial.id
AND mlp_keyval.name != %(name_1)s::VARCHAR
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.live'

-- Reading.some_keys
SELECT mlp_trial.id, mlp_trial.status, mlp_trial.priority, mlp_trial."create", mlp_trial.read,
    mlp_trial.write, mlp_trial.hash, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival,
    mlp_keyval.fval, mlp_keyval.sval, mlp_keyval.bval
FROM mlp_trial
LEFT OUTER JOIN mlp_keyval ON mlp_keyval.dict_id = mlp_trial.id
AND mlp_keyval.name != %(name_1)s::VARCHAR
AND mlp_keyval.name = ANY (%(keys)s::VARCHAR(128)[])
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.live'

-- Reading.counts
SELECT mlp_trial.status, count(*) AS count_1
FROM mlp_trial
GROUP BY mlp_trial.status;

-- Reading.now
SELECT (clock_timestamp() AT TIME ZONE 'UTC') AS anon_1;

-- Reading.has_key
SELECT mlp_keyval.id
FROM mlp_keyval
WHERE mlp_keyval.name = %(key)s::VARCHAR
LIMIT %(param_1)s::INTEGER;
-- param_1 = 1

-- Reading.key_types
SELECT DISTINCT mlp_keyval.name, mlp_keyval.type
FROM mlp_keyval;

-- Reading.live
SELECT mlp_keyval.dict_id, mlp_keyval.sval
FROM mlp_keyval
WHERE mlp_keyval.name = %(name_1)s::VARCHAR
AND mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[]);
-- name_1 = 'jobman.live'

-- Reading.version
SELECT mlp_trial.status, count(*) AS count_1, sum(mlp_trial.id) AS sum_1, sum(mlp_trial.priority) AS
    sum_2, max(mlp_trial.read) AS max_1, max(mlp_trial.write) AS max_2
FROM mlp_trial
GROUP BY mlp_trial.status;

-- Reading.page
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.id > %(last)s::INTEGER
ORDER BY mlp_trial.id
LIMIT %(size)s::INTEGER
OFFSET %(skipped)s::INTEGER;

-- Reading.page, of ids and statuses
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
AND mlp_trial.status IN (%(status_1_1)s::INTEGER, %(status_1_2)s::INTEGER)
AND mlp_trial.id > %(last)s::INTEGER
ORDER BY mlp_trial.id
LIMIT %(size)s::INTEGER
OFFSET %(skipped)s::INTEGER;
-- status_1_1 = 2, status_1_2 = 5

-- Reading.sorted, by nll
SELECT mlp_trial.id
FROM mlp_trial
ORDER BY (SELECT max(coalesce(CAST(mlp_keyval.ival AS FLOAT(53)), nullif(mlp_keyval.fval, 'NaN')))
    AS max_1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_1)s::VARCHAR) ASC NULLS LAST, (SELECT max(mlp_keyval.sval) AS max_2
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_2)s::VARCHAR) ASC NULLS LAST, mlp_trial.id
LIMIT %(param_1)s::INTEGER
OFFSET %(param_2)s::INTEGER;
-- name_1 = 'nll', name_2 = 'nll', param_1 = 10, param_2 = 20

-- Reading.sorted, by jobman.id desc
SELECT mlp_trial.id
FROM mlp_trial
ORDER BY mlp_trial.id DESC NULLS LAST, mlp_trial.id
LIMIT %(param_1)s::INTEGER
OFFSET %(param_2)s::INTEGER;
-- param_1 = 10, param_2 = 20

-- Reading.count, where nll < 0.1
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_1)s::VARCHAR
    AND (mlp_keyval.ival < %(param_1)s
        OR nullif(mlp_keyval.fval, 'NaN') < %(param_1)s));
-- name_1 = 'nll', param_1 = 0.1

-- Reading.count, where nhid = 50
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_1)s::VARCHAR
    AND (mlp_keyval.ival IN (%(ival_1_1)s::BIGINT)
        OR mlp_keyval.fval IN (%(fval_1_1)s)));
-- name_1 = 'nhid', ival_1_1 = 50, fval_1_1 = 50.0

-- Reading.count, where act != tanh
SELECT count(*) AS count_1
FROM mlp_trial
WHERE (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_1)s::VARCHAR))
AND NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_2)s::VARCHAR
        AND mlp_keyval.sval IN (%(sval_1_1)s::VARCHAR)));
-- name_1 = 'act', name_2 = 'act', sval_1_1 = 'tanh'

-- Reading.count, where nhid in (50, 'many', None)
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_1)s::VARCHAR
    AND (mlp_keyval.ival IN (%(ival_1_1)s::BIGINT)
        OR mlp_keyval.fval IN (%(fval_1_1)s)
        OR mlp_keyval.sval IN (%(sval_1_1)s::VARCHAR)
        OR mlp_keyval.bval IN (%(bval_1_1)s)));
-- name_1 = 'nhid', ival_1_1 = 50, fval_1_1 = 50.0, sval_1_1 = 'many', bval_1_1 = b'None'

-- Reading.count, where act like 'tan%'
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = %(name_1)s::VARCHAR
    AND mlp_keyval.sval ILIKE %(sval_1)s::VARCHAR ESCAPE '\');
-- name_1 = 'act', sval_1 = 'tan%'

-- Reading.count, where nll is null
SELECT count(*) AS count_1
FROM mlp_trial
WHERE NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_1)s::VARCHAR));
-- name_1 = 'nll'

-- Reading.count, where not nll < 0.1 or act = tanh and nhid > 50
SELECT count(*) AS count_1
FROM mlp_trial
WHERE (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_1)s::VARCHAR))
AND NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_2)s::VARCHAR
        AND (mlp_keyval.ival < %(param_1)s
            OR nullif(mlp_keyval.fval, 'NaN') < %(param_1)s)))
OR (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_3)s::VARCHAR
        AND mlp_keyval.sval IN (%(sval_1_1)s::VARCHAR)))
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(name_4)s::VARCHAR
        AND (mlp_keyval.ival > %(param_2)s::BIGINT
            OR nullif(mlp_keyval.fval, 'NaN') > %(param_3)s)));
-- name_1 = 'nll', name_2 = 'nll', param_1 = 0.1, name_3 = 'act', name_4 = 'nhid', param_2 = 50,
-- param_3 = 50.0, sval_1_1 = 'tanh'

-- Reading.count, where jobman.status = DONE
SELECT count(*) AS count_1
FROM mlp_trial
WHERE mlp_trial.status = %(status_1)s::INTEGER;
-- status_1 = 2

-- Reading.count, where jobman.claimed > '2026-05-01 12:00'
SELECT count(*) AS count_1
FROM mlp_trial
WHERE mlp_trial.read > CAST(%(param_1)s::VARCHAR AS TIMESTAMP);
-- param_1 = '2026-05-01 12:00:00.000000'

-- Rows.of_job
SELECT mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval, mlp_keyval.sval,
    mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
ORDER BY mlp_keyval.id;

-- Rows.of_jobs
SELECT mlp_keyval.dict_id, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval,
    mlp_keyval.sval, mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[])
ORDER BY mlp_keyval.id;

-- Rows.update
UPDATE mlp_keyval
SET type=%(new_type)s::VARCHAR, ival=%(new_ival)s::BIGINT, fval=%(new_fval)s,
    sval=%(new_sval)s::VARCHAR, bval=%(new_bval)s
WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
AND (mlp_keyval.name = %(key)s::VARCHAR) IS true;

-- Rows.update_everywhere
UPDATE mlp_keyval
SET type=%(new_type)s::VARCHAR, ival=%(new_ival)s::BIGINT, fval=%(new_fval)s,
    sval=%(new_sval)s::VARCHAR, bval=%(new_bval)s
WHERE mlp_keyval.dict_id = ANY (%(ids)s::BIGINT[])
AND mlp_keyval.name = %(key)s::VARCHAR;

-- Rows.delete
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
AND (mlp_keyval.name = %(key)s::VARCHAR) IS true;

-- Rows.replace
WITH changed AS (UPDATE mlp_keyval
    SET type=given.type, ival=given.ival, fval=given.fval, sval=given.sval, bval=given.bval
    FROM unnest(%(new_name)s::VARCHAR(128)[], %(new_type)s::VARCHAR(1)[], %(new_ival)s::BIGINT[],
        %(new_fval)s::FLOAT(53)[], %(new_sval)s::TEXT[], %(new_bval)s::BYTEA[]) AS given(name, type,
        ival, fval, sval, bval)
    WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
    AND (mlp_keyval.name = given.name) IS true
    RETURNING mlp_keyval.name) INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
SELECT %(job_id)s::INTEGER AS anon_1, given.name, given.type, given.ival, given.fval, given.sval,
    given.bval
FROM unnest(%(new_name)s::VARCHAR(128)[], %(new_type)s::VARCHAR(1)[], %(new_ival)s::BIGINT[],
    %(new_fval)s::FLOAT(53)[], %(new_sval)s::TEXT[], %(new_bval)s::BYTEA[]) AS given(name, type,
    ival, fval, sval, bval)
WHERE (given.name NOT IN (SELECT changed.name
        FROM changed));

-- Rows.of_job_replacing
WITH changed AS (UPDATE mlp_keyval
    SET type=given.type, ival=given.ival, fval=given.fval, sval=given.sval, bval=given.bval
    FROM unnest(%(new_name)s::VARCHAR(128)[], %(new_type)s::VARCHAR(1)[], %(new_ival)s::BIGINT[],
        %(new_fval)s::FLOAT(53)[], %(new_sval)s::TEXT[], %(new_bval)s::BYTEA[]) AS given(name, type,
        ival, fval, sval, bval)
    WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
    AND (mlp_keyval.name = given.name) IS true
    RETURNING mlp_keyval.name), replaced AS (INSERT INTO mlp_keyval (dict_id, name, type, ival,
        fval, sval, bval)
    SELECT %(job_id)s::INTEGER AS anon_1, given.name AS name, given.type AS type, given.ival AS
        ival, given.fval AS fval, given.sval AS sval, given.bval AS bval
    FROM unnest(%(new_name)s::VARCHAR(128)[], %(new_type)s::VARCHAR(1)[], %(new_ival)s::BIGINT[],
        %(new_fval)s::FLOAT(53)[], %(new_sval)s::TEXT[], %(new_bval)s::BYTEA[]) AS given(name, type,
        ival, fval, sval, bval)
    WHERE (given.name NOT IN (SELECT changed.name
            FROM changed)))
SELECT mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval, mlp_keyval.sval,
    mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id = %(job_id)s::INTEGER
ORDER BY mlp_keyval.id;

-- Rows.insert_everywhere
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
SELECT mlp_trial.id, %(key)s::VARCHAR AS anon_1, %(new_type)s::VARCHAR AS anon_2,
    %(new_ival)s::BIGINT AS anon_3, %(new_fval)s AS anon_4, %(new_sval)s::VARCHAR AS anon_5,
    %(new_bval)s AS anon_6
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
AND NOT (EXISTS (SELECT *
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = %(key)s::VARCHAR));

-- Rows.lock
SELECT mlp_trial.id, mlp_trial.status
FROM mlp_trial
WHERE mlp_trial.id = ANY (%(ids)s::BIGINT[])
ORDER BY mlp_trial.id
FOR UPDATE;

-- Rows.insert
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
SELECT *
FROM unnest(%s::INTEGER[], %s::VARCHAR(128)[], %s::VARCHAR(1)[], %s::BIGINT[], %s::FLOAT(53)[],
    %s::TEXT[], %s::BYTEA[]);

-- Schema.mlp_trial
CREATE TABLE IF NOT EXISTS mlp_trial (
    id SERIAL NOT NULL,
    "create" TIMESTAMP WITHOUT TIME ZONE,
    write TIMESTAMP WITHOUT TIME ZONE,
    read TIMESTAMP WITHOUT TIME ZONE,
    status INTEGER,
    priority FLOAT(53),
    hash BIGINT,
    PRIMARY KEY (id)
)
 WITH (fillfactor = 80);

-- Schema.ix_mlp_trial_hash
CREATE INDEX IF NOT EXISTS ix_mlp_trial_hash ON mlp_trial (hash);

-- Schema.ix_mlp_trial_queue
CREATE INDEX IF NOT EXISTS ix_mlp_trial_queue ON mlp_trial (status, priority DESC, id);

-- Schema.mlp_keyval
CREATE TABLE IF NOT EXISTS mlp_keyval (
    id SERIAL NOT NULL,
    dict_id INTEGER,
    name VARCHAR(128) NOT NULL,
    type VARCHAR(1),
    ival BIGINT,
    fval FLOAT(53),
    sval TEXT,
    bval BYTEA,
    PRIMARY KEY (id),
    FOREIGN KEY(dict_id) REFERENCES mlp_trial (id)
);

-- Schema.ix_mlp_keyval_dict_id
CREATE INDEX IF NOT EXISTS ix_mlp_keyval_dict_id ON mlp_keyval (dict_id);

-- Schema.ix_mlp_keyval_name
CREATE INDEX IF NOT EXISTS ix_mlp_keyval_name ON mlp_keyval (name);

-- View.create
CREATE VIEW "mlp_view" AS SELECT
  "mlp_trial".id AS id,
  max(CASE WHEN k.name = 'act' AND k.type = 's' THEN k.sval END) AS "act",
  max(CASE WHEN k.name = 'nhid' AND k.type = 'i' THEN k.ival END) AS "nhid",
  max(CASE WHEN k.name = 'nhid' AND k.type = 'b' THEN convert_from(k.bval, 'UTF8') END) AS "nhid_b"
FROM "mlp_trial" LEFT JOIN "mlp_keyval" AS k ON k.dict_id = "mlp_trial".id
GROUP BY "mlp_trial".id
ORDER BY "mlp_trial".id;
