-- SPDX-License-Identifier: Apache-2.0
-- The short-term source of truth in PostgreSQL. The key is what tells a tick apart, so that a change event always carries it and a row
-- that is sent again is the same row.
CREATE TABLE IF NOT EXISTS finnhub_stocks
(
    symbol text NOT NULL,
    price numeric NOT NULL,
    volume numeric, -- NULL of a quote, which has none
    ts timestamptz NOT NULL,
    PRIMARY KEY (symbol, ts)
);

CREATE TABLE IF NOT EXISTS finnhub_news
(
    id bigint NOT NULL,
    ts timestamptz NOT NULL,
    category text NOT NULL,
    headline text NOT NULL,
    related text NOT NULL,
    source text NOT NULL,
    summary text NOT NULL,
    url text NOT NULL,
    PRIMARY KEY (id, related)
);
