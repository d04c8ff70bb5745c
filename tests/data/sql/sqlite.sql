-- The statements that the job table 'mlp_' sends to sqlite: before each, the class that holds it
-- (in jobman/database, query or table) and its attribute; after it, the values that are always
-- bound. SQLAlchemy composed them. After a change of it or of ours, this writes them anew:
--     python tests/sql_statements.py
-- Some that run once are not here: what begins a transaction or sets up a connection
-- (transactions.py), the lock while tables are made (schema.py), the ids set aside for a copy
-- (copying.py).

-- BulkUpdates.status
UPDATE mlp_trial
SET write=CASE WHEN (:new_status = :param_1
    OR :new_status = :param_2) THEN NULL ELSE mlp_trial.write END, read=CASE WHEN (mlp_trial.status
        = :status_1 AND :new_status = :param_3) THEN mlp_trial.read ELSE
        strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') || '000' END,
        status=:new_status
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
AND (coalesce(mlp_trial.status, :coalesce_1) != :new_status
    OR :new_status = :param_1
    AND mlp_trial.write IS NOT NULL);
-- param_1 = 0, param_2 = 1, status_1 = 1, param_3 = -1, coalesce_1 = -2

-- BulkUpdates.priority
UPDATE mlp_trial
SET priority=:new_priority
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- BulkUpdates.hash
UPDATE mlp_trial
SET hash=:new_hash
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- BulkUpdates.heartbeat
SELECT mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- BulkUpdates.end_claim
UPDATE mlp_trial
SET read=strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') || '000'
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- BulkUpdates.delete_keys
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- BulkUpdates.delete
DELETE
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- Claims.take_one
UPDATE mlp_trial
SET write=strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', read=max(strftime('%Y-%m-%d %H:%M:%f',
    'now') || '000', coalesce(strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') ||
    '000', '')), status=:status
WHERE mlp_trial.id = :job_id
AND mlp_trial.status IN (SELECT anon_1.value
    FROM json_each(:statuses) AS anon_1)
RETURNING id, read;
-- status = 1

-- Claims.heartbeat
UPDATE mlp_trial
SET write=strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
WHERE mlp_trial.id = :job_id
AND mlp_trial.read = :token
AND mlp_trial.status IN (:status_1_1, :status_1_2)
RETURNING status;
-- status_1_1 = 1, status_1_2 = -1

-- Claims.write_back
UPDATE mlp_trial
SET write=CASE WHEN (:new_status = :param_1) THEN strftime('%Y-%m-%d %H:%M:%f', 'now', '+' ||
    :pause_seconds || ' seconds') || '000' ELSE strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' END,
    status=CASE WHEN (mlp_trial.status = :status_1) THEN mlp_trial.status ELSE :new_status END,
    priority=coalesce(:new_priority, mlp_trial.priority)
WHERE mlp_trial.id = :job_id
AND mlp_trial.read = :token
AND mlp_trial.status IN (:status_2_1, :status_2_2)
RETURNING status, priority;
-- param_1 = 0, status_1 = -1, status_2_1 = 1, status_2_2 = -1

-- Claims.standing
SELECT mlp_trial.status, mlp_trial.read
FROM mlp_trial
WHERE mlp_trial.id = :job_id;

-- Claims.release
UPDATE mlp_trial
SET write=CASE WHEN (:new_status = :param_1) THEN NULL ELSE mlp_trial.write END,
    read=strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') || '000',
    status=:new_status
WHERE mlp_trial.id = :job_id;
-- param_1 = 0

-- Claims.expired
SELECT mlp_trial.id, mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.status = :status_1
AND mlp_trial.write < strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || :seconds || ' seconds') || '000'
ORDER BY mlp_trial.id;
-- status_1 = 1

-- Claims.expired_locked
SELECT mlp_trial.id, mlp_trial.write
FROM mlp_trial
WHERE mlp_trial.status = :status_1
AND mlp_trial.write < strftime('%Y-%m-%d %H:%M:%f', 'now', '-' || :seconds || ' seconds') || '000'
ORDER BY mlp_trial.id;
-- status_1 = 1

-- Claims.take
UPDATE mlp_trial
SET write=strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', read=max(strftime('%Y-%m-%d %H:%M:%f',
    'now') || '000', coalesce(strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') ||
    '000', '')), status=:status
WHERE mlp_trial.id = (SELECT mlp_trial.id
    FROM mlp_trial
    WHERE mlp_trial.status = :status_1
    AND (mlp_trial.write IS NULL
        OR NOT (mlp_trial.write > strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
            AND mlp_trial.write <= strftime('%Y-%m-%d %H:%M:%f', 'now', '+' || :param_1 ||
                ' seconds') || '000'))
    ORDER BY mlp_trial.priority DESC, mlp_trial.id
    LIMIT :param_2
    OFFSET :param_3)
RETURNING id, read;
-- status = 1, status_1 = 0, param_1 = 86400.0, param_2 = 1, param_3 = 0

-- Claims.take, where nll < 0.1
UPDATE mlp_trial
SET write=strftime('%Y-%m-%d %H:%M:%f', 'now') || '000', read=max(strftime('%Y-%m-%d %H:%M:%f',
    'now') || '000', coalesce(strftime('%Y-%m-%d %H:%M:%f', mlp_trial.read, '+0.001 seconds') ||
    '000', '')), status=:status
WHERE mlp_trial.id = (SELECT mlp_trial.id
    FROM mlp_trial
    WHERE mlp_trial.status = :status_1
    AND (EXISTS (SELECT 1
            FROM mlp_keyval
            WHERE mlp_keyval.dict_id = mlp_trial.id
            AND mlp_keyval.name = :name_1
            AND (mlp_keyval.ival < :param_1
                OR nullif(mlp_keyval.fval, 'NaN') < :param_1)))
    AND (mlp_trial.write IS NULL
        OR NOT (mlp_trial.write > strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'
            AND mlp_trial.write <= strftime('%Y-%m-%d %H:%M:%f', 'now', '+' || :param_2 ||
                ' seconds') || '000'))
    ORDER BY mlp_trial.priority DESC, mlp_trial.id
    LIMIT :param_3
    OFFSET :param_4)
RETURNING id, read;
-- status = 1, status_1 = 0, name_1 = 'nll', param_1 = 0.1, param_2 = 86400.0, param_3 = 1, param_4
-- = 0

-- CopySide.page
SELECT mlp_trial.id, mlp_trial."create", mlp_trial.write, mlp_trial.read, mlp_trial.status,
    mlp_trial.priority, mlp_trial.hash
FROM mlp_trial
WHERE mlp_trial.id > :after
ORDER BY mlp_trial.id
LIMIT :param_1
OFFSET :param_2;
-- param_1 = 500, param_2 = 0

-- CopySide.trials
SELECT mlp_trial.id, mlp_trial."create", mlp_trial.write, mlp_trial.read, mlp_trial.status,
    mlp_trial.priority, mlp_trial.hash
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- CopySide.keyvals
SELECT mlp_keyval.dict_id, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval,
    mlp_keyval.sval, mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
ORDER BY mlp_keyval.id;

-- CopySide.smallest
SELECT min(mlp_trial.id) AS min_1
FROM mlp_trial;

-- CopySide.largest
SELECT max(mlp_trial.id) AS max_1
FROM mlp_trial;

-- CopySide.insert_trials
INSERT INTO mlp_trial (id, "create", write, read, status, priority, hash)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- CopySide.insert_keyvals
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- Edits.facts
SELECT mlp_trial.id, mlp_trial.hash, mlp_trial.priority
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);

-- Insertion.largest_id
SELECT max(mlp_trial.id) AS max_1
FROM mlp_trial;

-- Insertion.known
SELECT mlp_trial.hash, mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.hash IN (SELECT anon_1.value
    FROM json_each(:hashes) AS anon_1);

-- Insertion.any_unhashed
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.hash IS NULL
LIMIT :param_1
OFFSET :param_2;
-- param_1 = 1, param_2 = 0

-- Insertion.now
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' AS anon_1;

-- Insertion.insert
INSERT INTO mlp_trial (id, "create", status, priority, hash)
VALUES (?, ?, ?, ?, ?);

-- Insertion.unhashed, of act = tanh, nhid = 50 and a list
SELECT mlp_trial.id, mlp_trial.status
FROM mlp_trial
WHERE mlp_trial.hash IS NULL
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_1
        AND mlp_keyval.sval IN (:sval_1_1)))
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_2
        AND (mlp_keyval.ival IN (:ival_1_1)
            OR mlp_keyval.fval IN (:fval_1_1))))
AND NOT (NOT (EXISTS (SELECT 1
            FROM mlp_keyval
            WHERE mlp_keyval.dict_id = mlp_trial.id
            AND mlp_keyval.name = :name_3)));
-- name_1 = 'act', name_2 = 'nhid', name_3 = 'sizes', sval_1_1 = 'tanh', ival_1_1 = 50, fval_1_1 =
-- 50.0

-- Integrity.doubled
SELECT mlp_keyval.dict_id, mlp_keyval.name, count(*) AS count_1
FROM mlp_keyval
GROUP BY mlp_keyval.dict_id, mlp_keyval.name
HAVING count(*) > :count_2
ORDER BY mlp_keyval.dict_id, mlp_keyval.name;
-- count_2 = 1

-- Integrity.status
SELECT mlp_trial.id, mlp_trial.status, mlp_keyval.ival
FROM mlp_trial
LEFT OUTER JOIN mlp_keyval ON mlp_keyval.dict_id = mlp_trial.id
AND mlp_keyval.name = :name_1
WHERE coalesce(mlp_keyval.ival, :coalesce_1) != mlp_trial.status
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.status', coalesce_1 = -2

-- Integrity.delete_earlier
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
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
AND mlp_keyval.name != :name_1
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.live'

-- Reading.some_keys
SELECT mlp_trial.id, mlp_trial.status, mlp_trial.priority, mlp_trial."create", mlp_trial.read,
    mlp_trial.write, mlp_trial.hash, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival,
    mlp_keyval.fval, mlp_keyval.sval, mlp_keyval.bval
FROM mlp_trial
LEFT OUTER JOIN mlp_keyval ON mlp_keyval.dict_id = mlp_trial.id
AND mlp_keyval.name != :name_1
AND mlp_keyval.name IN (SELECT anon_1.value
    FROM json_each(:keys) AS anon_1)
WHERE mlp_trial.id IN (SELECT anon_2.value
    FROM json_each(:ids) AS anon_2)
ORDER BY mlp_trial.id, mlp_keyval.id;
-- name_1 = 'jobman.live'

-- Reading.counts
SELECT mlp_trial.status, count(*) AS count_1
FROM mlp_trial
GROUP BY mlp_trial.status;

-- Reading.now
SELECT strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' AS anon_1;

-- Reading.has_key
SELECT mlp_keyval.id
FROM mlp_keyval
WHERE mlp_keyval.name = :key
LIMIT :param_1
OFFSET :param_2;
-- param_1 = 1, param_2 = 0

-- Reading.key_types
SELECT DISTINCT mlp_keyval.name, mlp_keyval.type
FROM mlp_keyval;

-- Reading.live
SELECT mlp_keyval.dict_id, mlp_keyval.sval
FROM mlp_keyval
WHERE mlp_keyval.name = :name_1
AND mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1);
-- name_1 = 'jobman.live'

-- Reading.version
SELECT mlp_trial.status, count(*) AS count_1, sum(mlp_trial.id) AS sum_1, sum(mlp_trial.priority) AS
    sum_2, max(mlp_trial.read) AS max_1, max(mlp_trial.write) AS max_2
FROM mlp_trial
GROUP BY mlp_trial.status;

-- Reading.page
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.id > :last
ORDER BY mlp_trial.id
LIMIT :size
OFFSET :skipped;

-- Reading.page, of ids and statuses
SELECT mlp_trial.id
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
AND mlp_trial.status IN (:status_1_1, :status_1_2)
AND mlp_trial.id > :last
ORDER BY mlp_trial.id
LIMIT :size
OFFSET :skipped;
-- status_1_1 = 2, status_1_2 = 5

-- Reading.sorted, by nll
SELECT mlp_trial.id
FROM mlp_trial
ORDER BY (SELECT max(coalesce(CAST(mlp_keyval.ival AS FLOAT), nullif(mlp_keyval.fval, 'NaN'))) AS
    max_1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_1) ASC NULLS LAST, (SELECT max(mlp_keyval.sval) AS max_2
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_2) ASC NULLS LAST, mlp_trial.id
LIMIT :param_1
OFFSET :param_2;
-- name_1 = 'nll', name_2 = 'nll', param_1 = 10, param_2 = 20

-- Reading.sorted, by jobman.id desc
SELECT mlp_trial.id
FROM mlp_trial
ORDER BY mlp_trial.id DESC NULLS LAST, mlp_trial.id
LIMIT :param_1
OFFSET :param_2;
-- param_1 = 10, param_2 = 20

-- Reading.count, where nll < 0.1
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_1
    AND (mlp_keyval.ival < :param_1
        OR nullif(mlp_keyval.fval, 'NaN') < :param_1));
-- name_1 = 'nll', param_1 = 0.1

-- Reading.count, where nhid = 50
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_1
    AND (mlp_keyval.ival IN (:ival_1_1)
        OR mlp_keyval.fval IN (:fval_1_1)));
-- name_1 = 'nhid', ival_1_1 = 50, fval_1_1 = 50.0

-- Reading.count, where act != tanh
SELECT count(*) AS count_1
FROM mlp_trial
WHERE (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_1))
AND NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_2
        AND mlp_keyval.sval IN (:sval_1_1)));
-- name_1 = 'act', name_2 = 'act', sval_1_1 = 'tanh'

-- Reading.count, where nhid in (50, 'many', None)
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_1
    AND (mlp_keyval.ival IN (:ival_1_1)
        OR mlp_keyval.fval IN (:fval_1_1)
        OR mlp_keyval.sval IN (:sval_1_1)
        OR mlp_keyval.bval IN (:bval_1_1)));
-- name_1 = 'nhid', ival_1_1 = 50, fval_1_1 = 50.0, sval_1_1 = 'many', bval_1_1 = b'None'

-- Reading.count, where act like 'tan%'
SELECT count(*) AS count_1
FROM mlp_trial
WHERE EXISTS (SELECT 1
    FROM mlp_keyval
    WHERE mlp_keyval.dict_id = mlp_trial.id
    AND mlp_keyval.name = :name_1
    AND lower(mlp_keyval.sval) LIKE lower(:sval_1) ESCAPE '\');
-- name_1 = 'act', sval_1 = 'tan%'

-- Reading.count, where nll is null
SELECT count(*) AS count_1
FROM mlp_trial
WHERE NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_1));
-- name_1 = 'nll'

-- Reading.count, where not nll < 0.1 or act = tanh and nhid > 50
SELECT count(*) AS count_1
FROM mlp_trial
WHERE (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_1))
AND NOT (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_2
        AND (mlp_keyval.ival < :param_1
            OR nullif(mlp_keyval.fval, 'NaN') < :param_1)))
OR (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_3
        AND mlp_keyval.sval IN (:sval_1_1)))
AND (EXISTS (SELECT 1
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :name_4
        AND (mlp_keyval.ival > :param_2
            OR nullif(mlp_keyval.fval, 'NaN') > :param_3)));
-- name_1 = 'nll', name_2 = 'nll', param_1 = 0.1, name_3 = 'act', name_4 = 'nhid', param_2 = 50,
-- param_3 = 50.0, sval_1_1 = 'tanh'

-- Reading.count, where jobman.status = DONE
SELECT count(*) AS count_1
FROM mlp_trial
WHERE mlp_trial.status = :status_1;
-- status_1 = 2

-- Reading.count, where jobman.claimed > '2026-05-01 12:00'
SELECT count(*) AS count_1
FROM mlp_trial
WHERE mlp_trial.read > :param_1;
-- param_1 = '2026-05-01 12:00:00.000000'

-- Rows.of_job
SELECT mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval, mlp_keyval.sval,
    mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id = :job_id
ORDER BY mlp_keyval.id;

-- Rows.of_jobs
SELECT mlp_keyval.dict_id, mlp_keyval.name, mlp_keyval.type, mlp_keyval.ival, mlp_keyval.fval,
    mlp_keyval.sval, mlp_keyval.bval
FROM mlp_keyval
WHERE mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
ORDER BY mlp_keyval.id;

-- Rows.update
UPDATE mlp_keyval
SET type=:new_type, ival=:new_ival, fval=:new_fval, sval=:new_sval, bval=:new_bval
WHERE mlp_keyval.dict_id = :job_id
AND (mlp_keyval.name = :key) IS 1;

-- Rows.update_everywhere
UPDATE mlp_keyval
SET type=:new_type, ival=:new_ival, fval=:new_fval, sval=:new_sval, bval=:new_bval
WHERE mlp_keyval.dict_id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
AND mlp_keyval.name = :key;

-- Rows.delete
DELETE
FROM mlp_keyval
WHERE mlp_keyval.dict_id = :job_id
AND (mlp_keyval.name = :key) IS 1;

-- Rows.insert_everywhere
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
SELECT mlp_trial.id, :key AS anon_1, :new_type AS anon_2, :new_ival AS anon_3, :new_fval AS anon_4,
    :new_sval AS anon_5, :new_bval AS anon_6
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_7.value
    FROM json_each(:ids) AS anon_7)
AND NOT (EXISTS (SELECT *
        FROM mlp_keyval
        WHERE mlp_keyval.dict_id = mlp_trial.id
        AND mlp_keyval.name = :key));

-- Rows.lock
SELECT mlp_trial.id, mlp_trial.status
FROM mlp_trial
WHERE mlp_trial.id IN (SELECT anon_1.value
    FROM json_each(:ids) AS anon_1)
ORDER BY mlp_trial.id;

-- Rows.insert
INSERT INTO mlp_keyval (dict_id, name, type, ival, fval, sval, bval)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- Schema.mlp_trial
CREATE TABLE IF NOT EXISTS mlp_trial (
    id INTEGER NOT NULL,
    "create" DATETIME,
    write DATETIME,
    read DATETIME,
    status INTEGER,
    priority FLOAT,
    hash BIGINT,
    PRIMARY KEY (id)
);

-- Schema.ix_mlp_trial_hash
CREATE INDEX IF NOT EXISTS ix_mlp_trial_hash ON mlp_trial (hash);

-- Schema.ix_mlp_trial_queue
CREATE INDEX IF NOT EXISTS ix_mlp_trial_queue ON mlp_trial (status, priority DESC, id);

-- Schema.mlp_keyval
CREATE TABLE IF NOT EXISTS mlp_keyval (
    id INTEGER NOT NULL,
    dict_id INTEGER,
    name VARCHAR(128) NOT NULL,
    type VARCHAR(1),
    ival BIGINT,
    fval FLOAT,
    sval TEXT,
    bval BLOB,
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
  max(CASE WHEN k.name = 'nhid' AND k.type = 'b' THEN CAST(k.bval AS TEXT) END) AS "nhid_b"
FROM "mlp_trial" LEFT JOIN "mlp_keyval" AS k ON k.dict_id = "mlp_trial".id
GROUP BY "mlp_trial".id
ORDER BY "mlp_trial".id;
