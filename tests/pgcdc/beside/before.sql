-- SPDX-License-Identifier: Apache-2.0
-- The tables beside those of schemas/postgres/finnhub.sql, and rows that the snapshot finds.
CREATE TYPE mood AS ENUM ('bear', 'flat', 'bull');

CREATE TABLE everything
(
    id bigint PRIMARY KEY, i2 int2, i4 int4 NOT NULL DEFAULT 7, i8 int8, f4 float4, f8 float8, b bool, t text, vc varchar(10), c5 char(5), bin bytea,
    d date, tm time, tm3 time(3), tmtz timetz, ts timestamp, ts3 timestamp(3), tstz timestamptz, iv interval, u uuid, j json, jb jsonb, x xml,
    ip inet, cid cidr, mac macaddr, n numeric, n92 numeric(9, 2) DEFAULT 1.5, n0 numeric(10, 0), mo money, o oid, bi1 bit(1), bi5 bit(5),
    vb varbit(20), m mood, ia int4[], ta text[], na numeric(6, 2)[], r int4range, pt point
);
-- No date in its key: where times are 'connect', the header in which Debezium names a changed key would be no JSON.
CREATE TABLE whole (symbol text, day int, note text, price numeric(18, 6), PRIMARY KEY (symbol, day));
ALTER TABLE whole REPLICA IDENTITY FULL;
CREATE TABLE by_index (a int NOT NULL, b text NOT NULL, c text);
CREATE UNIQUE INDEX by_index_b ON by_index (b);
ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_b;
CREATE TABLE keyless (a int, b text DEFAULT 'none');
CREATE TABLE growing (id serial PRIMARY KEY, a text);
CREATE TABLE ends (id int PRIMARY KEY);

INSERT INTO finnhub_stocks VALUES
    ('AAPL', 179.66, 100, '2024-03-01 14:30:00.123456Z'), ('MSFT', 410.50, NULL, '2024-03-01 14:30:00Z'),
    ('BINANCE:BTCUSDT', 62431.98000000, 0.00412, '2024-03-01 14:30:00.5+01');
INSERT INTO finnhub_news VALUES (1, '2024-03-01 15:00:00Z', 'company', 'Zürich — “up” 😀', 'AAPL', 'Reuters', E'two\nlines\tand "quotes" \\', 'https://news.example/1');
INSERT INTO everything (id, t, n, ts) VALUES (1, 'in the snapshot', 1.10, '2024-03-01 14:30:00.123456'), (2, NULL, 'NaN', '2024-03-01 14:30:00');
INSERT INTO whole VALUES ('AAPL', 1, repeat('old ', 3), 179.66), ('MSFT', 1, NULL, NULL);
INSERT INTO by_index VALUES (1, 'one', 'c'), (2, 'two', NULL);
INSERT INTO keyless VALUES (1, 'one'), (NULL, NULL);
INSERT INTO growing (a) VALUES ('first');
CREATE TABLE defaults
(
    id int PRIMARY KEY, a text NOT NULL DEFAULT 'it''s', b text NOT NULL, c int NOT NULL DEFAULT 1 + 1, d timestamptz NOT NULL DEFAULT now(),
    e date NOT NULL DEFAULT '2024-01-01', f boolean NOT NULL DEFAULT true, g numeric(9, 3) NOT NULL DEFAULT 0, h numeric NOT NULL DEFAULT 1.10,
    i uuid NOT NULL DEFAULT gen_random_uuid(), j jsonb NOT NULL DEFAULT '{"a": 1}', k text[] NOT NULL DEFAULT '{x}', l time NOT NULL DEFAULT '12:00',
    m timestamp NOT NULL DEFAULT '2024-01-01 12:00', n timestamptz NOT NULL DEFAULT '2024-01-01 12:00Z', o bigint NOT NULL DEFAULT -1,
    p float8 NOT NULL DEFAULT 0.5, q mood NOT NULL DEFAULT 'bull', r varchar(5) DEFAULT 'r', s numeric(4, 1) DEFAULT -0.25
);
INSERT INTO defaults (id, b) VALUES (1, 'one');

-- Each is altered once, after the snapshot and before its next row.
CREATE TYPE phase AS ENUM ('day', 'night');
CREATE TABLE rekeyed (a int PRIMARY KEY, b int NOT NULL);
CREATE TABLE widened (a int PRIMARY KEY);
CREATE TABLE relabelled (a int PRIMARY KEY, p phase);
INSERT INTO rekeyed VALUES (1, 10);
INSERT INTO widened VALUES (1);
INSERT INTO relabelled VALUES (1, 'day');
