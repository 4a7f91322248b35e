-- SPDX-License-Identifier: Apache-2.0
-- What happens while both captures stream. The last row of `ends` says that all has been sent.

-- ticks
INSERT INTO finnhub_stocks VALUES ('NVDA', 822.7900, 7, '2024-03-01 14:30:01.000001Z');
INSERT INTO finnhub_stocks VALUES ('NVDA', 1, 1, '2024-03-01 14:30:01.000001Z') ON CONFLICT DO NOTHING;
UPDATE finnhub_stocks SET volume = 12 WHERE symbol = 'MSFT';
UPDATE finnhub_stocks SET price = price WHERE symbol = 'MSFT';
UPDATE finnhub_stocks SET symbol = 'BRK.B' WHERE symbol = 'NVDA';
DELETE FROM finnhub_stocks WHERE symbol = 'AAPL';
BEGIN;
INSERT INTO finnhub_stocks VALUES ('TMP', 1, 1, '2024-03-01 14:32:00Z');
UPDATE finnhub_stocks SET price = 2 WHERE symbol = 'TMP';
UPDATE finnhub_stocks SET ts = '2024-03-01 14:33:00Z' WHERE symbol = 'TMP';
DELETE FROM finnhub_stocks WHERE symbol = 'TMP';
COMMIT;
BEGIN;
INSERT INTO finnhub_stocks VALUES ('ROLLEDBACK', 1, 1, '2024-03-01 14:32:00Z');
ROLLBACK;
BEGIN;
INSERT INTO finnhub_stocks VALUES ('KEPT', 1, 1, '2024-03-01 14:32:00Z');
SAVEPOINT here;
INSERT INTO finnhub_stocks VALUES ('TAKENBACK', 1, 1, '2024-03-01 14:32:00Z');
ROLLBACK TO here;
INSERT INTO keyless VALUES (3, 'with KEPT in one transaction');
COMMIT;
INSERT INTO finnhub_stocks VALUES
    ('ZERO', 0, 0, '1970-01-01 00:00:00Z'), ('NEG', -0.000001, -1, '1969-12-31 23:59:59.999999Z'),
    ('BIG', 123456789012345678901234567890.123456789, 9223372036854775808, '2038-01-19 03:14:08Z'),
    ('NAN', 1, 'NaN', 'infinity'), ('MIN', 2, '-Infinity', '-infinity'), ('OLD', 100, 1e20, '0044-03-15 12:00:00 BC'),
    ('FAR', 1.10, 1.100, '12345-01-01 00:00:00Z'), ('Ünïcode-日本-😀', 1, 1, '2024-02-29 23:59:60Z'), (E'q"b\\s/n\nt\tc\x01d\x7f', 1, 1, '2024-03-10 02:30:00-05');
UPDATE finnhub_news SET headline = '' WHERE id = 1;
DELETE FROM finnhub_news;

-- types
INSERT INTO everything VALUES (10, 1, 2, 3, 1.5, 2.25, true, 'text', 'varchar', 'chr', '\x00ff10', '2024-03-01', '14:30:00.123456', '14:30:00.123',
    '14:30:00.5+02', '2024-03-01 14:30:00.123456', '2024-03-01 14:30:00.123', '2024-03-01 14:30:00.123456+02', '1 year 2 mons 3 days 04:05:06.789',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8', '{"a": [1, 2.50, null]}', '{"b":1,"a":[true]}', '<a>1</a>', '10.1.2.3/24', '10.0.0.0/8',
    '08:00:2b:01:02:03', 123.4500, 1234567.89, 42, '$1,234.56', 26, B'1', B'10110', B'1011', 'bull', '{1,2,null,4}', '{"a","b,c",null,"q\"q"}',
    '{1.5,null,-2}', '[1,10)', '(1.5,-2)');
INSERT INTO everything (id, i2, i4, i8, f4, f8, b) VALUES (11, -32768, -2147483648, -9223372036854775808, 1e-30, 1e300, false),
    (12, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 0.1, false), (13, 0, 0, 0, 0.1, -0.0, NULL);
INSERT INTO everything (id, f4, f8) VALUES (14, 'NaN', 'Infinity'), (15, '-Infinity', 'NaN'), (16, 1e15, 123456789.123456789), (17, 16777216, 9007199254740993);
INSERT INTO everything (id, d, tm, ts, tstz, iv) VALUES (18, '1582-10-15', '00:00:00', '1582-10-15', '1582-10-15Z', '-1 mons +2 days -00:00:01'),
    (19, '2262-04-11', '23:59:59.999999', '2262-04-11 23:47:16.854775', '9999-12-31 23:59:59.999999Z', '00:00:00');
INSERT INTO everything (id, t, vc, bin, ia, ta, bi1, vb) VALUES (20, '', '', '', '{}', '{}', B'0', B'');
INSERT INTO everything (id, n, n92, n0, mo) VALUES (21, 'NaN', NULL, -1, '-$0.01'), (22, 100, 100, 100, '$0.00'), (23, 1e30, -0.01, 0, '$92,233,720,368,547,758.07');

-- values that the log does not repeat
INSERT INTO everything (id, t) SELECT 30, string_agg(md5(g::text), '') FROM generate_series(1, 400) g;
UPDATE everything SET i8 = 99 WHERE id = 30;
UPDATE everything SET i8 = 100, t = 'short' WHERE id = 30;
INSERT INTO whole SELECT 'TOAST', 1, string_agg(md5(g::text), ''), 1 FROM generate_series(1, 400) g;
UPDATE whole SET price = 2 WHERE symbol = 'TOAST';
DELETE FROM everything WHERE id IN (1, 30);

-- identities
UPDATE whole SET price = 181.5 WHERE symbol = 'AAPL';
UPDATE whole SET day = 4 WHERE symbol = 'MSFT';
DELETE FROM whole;
UPDATE by_index SET c = 'new' WHERE b = 'one';
UPDATE by_index SET b = 'three' WHERE b = 'two';
DELETE FROM by_index;
INSERT INTO keyless VALUES (4, NULL), (4, NULL);

DELETE FROM defaults;
INSERT INTO defaults (id, b, r, s) VALUES (2, 'two', NULL, NULL);

-- a table that changes
INSERT INTO growing (a) VALUES ('second');
ALTER TABLE growing ADD COLUMN b numeric(10, 4);
INSERT INTO growing (a, b) VALUES ('third', 3);
ALTER TABLE growing DROP COLUMN a;
UPDATE growing SET b = 4;

ALTER TABLE rekeyed DROP CONSTRAINT rekeyed_pkey, ADD PRIMARY KEY (b);
INSERT INTO rekeyed VALUES (1, 20);
ALTER TABLE widened ADD COLUMN b text NOT NULL DEFAULT 'none', ADD COLUMN c int;
INSERT INTO widened VALUES (2);
ALTER TYPE phase ADD VALUE 'dusk';
INSERT INTO relabelled VALUES (2, 'dusk');

-- many
DO $$
BEGIN
    PERFORM setseed(0.5);
    FOR i IN 1 .. 150 LOOP
        FOR j IN 0 .. (random() * 3)::int LOOP
            CASE (random() * 4)::int
                WHEN 0 THEN
                    DELETE FROM finnhub_stocks WHERE symbol = 'R' || (random() * 9)::int;
                WHEN 1 THEN
                    UPDATE finnhub_stocks SET price = price + 0.01, volume = NULL WHERE symbol = 'R' || (random() * 9)::int;
                ELSE
                    INSERT INTO finnhub_stocks
                    VALUES ('R' || (random() * 9)::int, round((random() * 1000)::numeric, (random() * 6)::int), i, '2024-03-02Z'::timestamptz + i * interval '1.000001 s')
                    ON CONFLICT (symbol, ts) DO UPDATE SET volume = excluded.volume + 1;
            END CASE;
        END LOOP;
        COMMIT;
    END LOOP;
END $$;

TRUNCATE finnhub_stocks, keyless;
INSERT INTO finnhub_stocks VALUES ('AFTER', 1, 1, '2024-03-04Z');
INSERT INTO ends VALUES (1);
