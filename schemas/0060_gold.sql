-- SPDX-License-Identifier: Apache-2.0
-- Gold: a row for each ticker and session with prices, news and the label, and what dashboards show of it.

-- Times: every column but target_next_return is known at the close of `date`; target_next_return is the return of the ticker's next bar, NaN
-- on the last one.
CREATE TABLE IF NOT EXISTS warehouse.gold_stock_analytics
(
    date               Date,
    ticker             LowCardinality(String),
    close              Float64,
    open               Float64,
    high               Float64,
    low                Float64,
    volume             Float64,
    sentiment_avg      Float64 COMMENT 'mean tone of the session''s articles, 0 without news',
    sentiment_sum      Float64,
    polarity_ratio     Float64 COMMENT 'positive of positive and negative articles, 0.5 without news',
    news_volume        UInt64  COMMENT 'articles',
    return_t           Float64 COMMENT 'close / close of the bar before - 1',
    ma_7               Float64 COMMENT 'mean of the last 7 closes',
    volatility_7       Float64 COMMENT 'sample standard deviation of the last 7 logarithmic returns, per bar',
    target_next_return Float64 COMMENT 'the label: return_t of the next bar'
)
ENGINE = MergeTree
ORDER BY (ticker, date)
COMMENT 'Prices, news and the label of each ticker and session. Made anew by gold_refresh.';

CREATE OR REPLACE VIEW warehouse.gold_todo AS
SELECT
    bars.date AS date,
    bars.ticker AS ticker,
    close,
    open,
    high,
    low,
    volume,
    if(news.news_volume = 0, 0, news.sentiment_sum / news.news_volume) AS sentiment_avg,
    news.sentiment_sum AS sentiment_sum,
    if(news.positive_articles + news.negative_articles = 0, 0.5, news.positive_articles / (news.positive_articles + news.negative_articles)) AS polarity_ratio,
    news.news_volume AS news_volume,
    return_t,
    ma_7,
    volatility_7,
    target_next_return
FROM
(
    SELECT
        ticker,
        toDate(time) AS date,
        open,
        high,
        low,
        close,
        volume,
        return_t,
        ma_7,
        volatility_7,
        target_next_return
    FROM
    (
        SELECT
            ticker,
            groupArray(stock_daily.date) AS dates,
            groupArray(stock_daily.open) AS opens,
            groupArray(stock_daily.high) AS highs,
            groupArray(stock_daily.low) AS lows,
            groupArray(stock_daily.close) AS closes,
            groupArray(stock_daily.volume) AS volumes,
            ta('return(1), sma(7), volatility(7)', dates, closes) AS ta
        FROM warehouse.stock_daily FINAL
        GROUP BY ticker
    )
    ARRAY JOIN
        ta.time AS time,
        arraySort((value, day) -> day, opens, dates) AS open,
        arraySort((value, day) -> day, highs, dates) AS high,
        arraySort((value, day) -> day, lows, dates) AS low,
        arraySort((value, day) -> day, closes, dates) AS close,
        arraySort((value, day) -> day, volumes, dates) AS volume,
        ta.values[1] AS return_t,
        ta.values[2] AS ma_7,
        ta.values[3] AS volatility_7,
        arrayPushBack(arrayPopFront(ta.values[1]), nan) AS target_next_return
) AS bars
LEFT JOIN (SELECT * FROM warehouse.news_daily FINAL) AS news ON news.ticker = bars.ticker AND news.date = bars.date
SETTINGS join_use_nulls = 0;

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.gold_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.news_slot_refresh
TO warehouse.gold_stock_analytics AS SELECT * FROM warehouse.gold_todo;

-- Look-ahead, check by check: rows examined and rows that break the rule. Each check computes anew what gold says, from the calendar, the
-- articles and the prices, by plain SQL: none asks the functions that dated the article or made the feature. What came after gold was
-- built is left to the next build: tickers with newer prices, and sessions with newer articles.
CREATE OR REPLACE VIEW warehouse.ops_lookahead AS
WITH
    -- When gold's last build began, at the latest: view_refreshes tells its end in whole seconds.
    (
        SELECT max(toDateTime64(last_success_time, 6, 'UTC') - toIntervalMillisecond(last_success_duration_ms))
        FROM system.view_refreshes WHERE database = 'warehouse' AND view = 'gold_refresh'
    ) AS built,
    sessions AS (SELECT date, close_at FROM warehouse.dim_date WHERE mic = 'XNYS' AND is_open),
    articles AS
    (
        SELECT ticker, article.date AS date, tone, score, feed, slot, seen_at, session.close_at AS close_at
        FROM (SELECT * FROM warehouse.news_ticker FINAL) AS article
        LEFT JOIN sessions AS session ON session.date = article.date
    ),
    newer_sessions AS
    (
        SELECT date FROM articles
        WHERE (feed, slot) NOT IN (SELECT feed, slot FROM warehouse.news_slot FINAL WHERE linked_at < built)
    ),
    news AS
    (
        SELECT
            ticker,
            date,
            count() AS volume,
            sum(toDecimal64(if(isFinite(tone), greatest(-100, least(100, tone)), 0), 6)) AS total,
            countIf(tone > 0) AS positive,
            countIf(tone < 0) AS negative
        FROM articles
        WHERE score >= 0.5 AND seen_at < close_at
        GROUP BY ticker, date
    ),
    bars AS
    (
        SELECT
            ticker,
            date,
            open,
            high,
            low,
            close,
            volume,
            ingested_at,
            row_number() OVER ticker_order AS n,
            lagInFrame(close, 1, nan) OVER ticker_order AS before,
            leadInFrame(close, 1, nan) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS after
        FROM warehouse.stock_daily FINAL
        WINDOW ticker_order AS (PARTITION BY ticker ORDER BY date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
    ),
    wanted AS
    (
        SELECT
            *,
            if(n < 7, nan, avg(close) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)) AS mean_7,
            if(n < 8, nan, stddevSampStable(log(close / before)) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW)) AS deviation_7
        FROM bars
    ),
    newer_tickers AS (SELECT ticker FROM warehouse.stock_daily GROUP BY ticker HAVING max(ingested_at) >= built),
    priced AS
    (
        SELECT gold.*, wanted.n AS n, (wanted.open, wanted.high, wanted.low, wanted.close, wanted.volume) AS bar,
            before, after, mean_7, deviation_7
        FROM warehouse.gold_stock_analytics AS gold
        LEFT JOIN wanted ON wanted.ticker = gold.ticker AND wanted.date = gold.date
        WHERE gold.ticker NOT IN (SELECT ticker FROM newer_tickers)
    )
SELECT 'an article was seen before its session closed' AS check, count() AS rows,
    countIf(NOT (date IN (SELECT date FROM sessions) AND seen_at < close_at)) AS violations
FROM articles
UNION ALL
SELECT 'news of a session are the articles seen before its close', count(),
    countIf(gold.news_volume != news.volume OR gold.sentiment_sum != toFloat64(news.total)
        OR abs(gold.sentiment_avg * news.volume - toFloat64(news.total)) > 1e-6
        OR abs(gold.polarity_ratio - if(news.positive + news.negative = 0, 0.5, news.positive / (news.positive + news.negative))) > 1e-12)
FROM warehouse.gold_stock_analytics AS gold
LEFT JOIN news ON news.ticker = gold.ticker AND news.date = gold.date
WHERE gold.date NOT IN (SELECT date FROM newer_sessions)
UNION ALL
SELECT 'prices are those of the session', count(), countIf((open, high, low, close, volume) != bar)
FROM priced
UNION ALL
SELECT 'features end at their own close', count(),
    countIf(isNaN(return_t) != isNaN(before) OR abs(return_t - (close / before - 1)) > 1e-12
        OR isNaN(ma_7) != isNaN(mean_7) OR abs(ma_7 / mean_7 - 1) > 1e-12
        OR isNaN(volatility_7) != isNaN(deviation_7) OR abs(volatility_7 - deviation_7) > 1e-12)
FROM priced
UNION ALL
SELECT 'the label is the return of the next bar', count(),
    countIf(isNaN(target_next_return) != isNaN(after) OR abs(target_next_return - (after / close - 1)) > 1e-12)
FROM priced
SETTINGS join_use_nulls = 0, do_not_merge_across_partitions_select_final = 1;

-- The proof of each build of gold. A violation makes its refresh fail: system.view_refreshes then has the sentence, `./tickhouse status` shows
-- it, and no proof is added.
CREATE TABLE IF NOT EXISTS warehouse.ops_lookahead_proof
(
    built_at   DateTime64(6, 'UTC'),
    check      String,
    rows       UInt64,
    violations UInt64
)
ENGINE = MergeTree
ORDER BY (built_at, check)
TTL toDateTime(built_at) + INTERVAL 90 DAY
COMMENT 'Builds of gold that were found to be without look-ahead.';

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.ops_lookahead_refresh REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.gold_refresh
APPEND TO warehouse.ops_lookahead_proof AS
SELECT
    now64(6) AS built_at,
    check,
    rows,
    violations
FROM warehouse.ops_lookahead
WHERE throwIf(violations != 0, 'gold looks ahead: SELECT * FROM warehouse.ops_lookahead names the check') = 0;

-- How the market feels, by session: sentiment against its own 60 sessions before, once there are 20. A session that has news and no prices
-- yet is in it, with no return.
CREATE OR REPLACE VIEW warehouse.market_mood AS
SELECT
    date,
    articles,
    tickers,
    sentiment,
    positive_share,
    market_return,
    if(past_sessions >= 20 AND past_deviation > 1e-9, (sentiment - past_mean) / past_deviation, nan) AS sentiment_z,
    multiIf(isNaN(sentiment_z), 'unknown', sentiment_z <= -1, 'fear', sentiment_z >= 1, 'greed', 'neutral') AS mood
FROM
(
    SELECT
        *,
        count() OVER past AS past_sessions,
        avg(sentiment) OVER past AS past_mean,
        stddevSampStable(sentiment) OVER past AS past_deviation
    FROM
    (
        SELECT
            news.date AS date,
            articles,
            tickers,
            sentiment,
            positive_share,
            if(gold.bars = 0, nan, gold.market_return) AS market_return
        FROM
        (
            SELECT
                date,
                sum(news_volume) AS articles,
                count() AS tickers,
                sum(sentiment_sum) / articles AS sentiment,
                sum(positive_articles) / articles AS positive_share
            FROM warehouse.news_daily FINAL
            WHERE news_volume > 0
            GROUP BY date
        ) AS news
        LEFT JOIN
        (
            SELECT date, count() AS bars, avgIf(return_t, isFinite(return_t)) AS market_return
            FROM warehouse.gold_stock_analytics GROUP BY date
        ) AS gold ON gold.date = news.date
    )
    WINDOW past AS (ORDER BY date ROWS BETWEEN 60 PRECEDING AND 1 PRECEDING)
)
SETTINGS join_use_nulls = 0;

-- Price against sentiment: both as deviations from their own 20 bars before, and how far they are apart. What did not move has no
-- deviation, and no score.
CREATE OR REPLACE VIEW warehouse.hype_cycle AS
SELECT
    ticker,
    date,
    close,
    sentiment_5,
    news_5,
    if(past_bars = 20 AND close_deviation > 1e-9 * close_mean, (close - close_mean) / close_deviation, nan) AS price_z,
    if(past_bars = 20 AND sentiment_deviation > 1e-9, (sentiment_5 - sentiment_mean) / sentiment_deviation, nan) AS sentiment_z,
    sentiment_z - price_z AS divergence,
    multiIf(isNaN(divergence), 'unknown', divergence >= 2, 'news ahead of price', divergence <= -2, 'price ahead of news', 'together') AS phase
FROM
(
    SELECT
        *,
        count() OVER past AS past_bars,
        avg(close) OVER past AS close_mean,
        stddevSampStable(close) OVER past AS close_deviation,
        avg(sentiment_5) OVER past AS sentiment_mean,
        stddevSampStable(sentiment_5) OVER past AS sentiment_deviation
    FROM
    (
        SELECT
            ticker,
            date,
            close,
            sum(news_volume) OVER week AS news_5,
            if(news_5 = 0, 0, sum(sentiment_sum) OVER week / news_5) AS sentiment_5
        FROM warehouse.gold_stock_analytics
        WINDOW week AS (PARTITION BY ticker ORDER BY date ROWS BETWEEN 4 PRECEDING AND CURRENT ROW)
    )
    WINDOW past AS (PARTITION BY ticker ORDER BY date ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING)
);

-- Where risk gathers, for tickers that traded within a week of the newest bar: ranks among them by volatility, by distance from the
-- year's highest close, and by the share of negative articles of the last five bars, averaged to 0 (calm) .. 100.
CREATE OR REPLACE VIEW warehouse.risk_radar AS
SELECT
    ticker,
    date,
    volatility,
    drawdown,
    negative_share,
    news_5,
    round(100 * (volatility_rank + drawdown_rank + negative_rank) / 3, 1) AS risk
FROM
(
    SELECT
        *,
        percent_rank() OVER (ORDER BY volatility) AS volatility_rank,
        percent_rank() OVER (ORDER BY drawdown DESC) AS drawdown_rank,
        percent_rank() OVER (ORDER BY negative_share) AS negative_rank
    FROM
    (
        SELECT
            ticker,
            max(bar.date) AS date,
            argMax(volatility_7, bar.date) * sqrt(252) AS volatility,
            argMax(close, bar.date) / max(close) - 1 AS drawdown,
            sumIf(news_volume, recency <= 5) AS news_5,
            if(news_5 = 0, 0, sumIf(negative_articles, recency <= 5) / news_5) AS negative_share
        FROM
        (
            SELECT
                gold.ticker AS ticker,
                gold.date AS date,
                close,
                volatility_7,
                gold.news_volume AS news_volume,
                news.negative_articles AS negative_articles,
                row_number() OVER (PARTITION BY gold.ticker ORDER BY gold.date DESC) AS recency
            FROM warehouse.gold_stock_analytics AS gold
            LEFT JOIN (SELECT ticker, date, negative_articles FROM warehouse.news_daily FINAL) AS news
                ON news.ticker = gold.ticker AND news.date = gold.date
        ) AS bar
        WHERE recency <= 252
        GROUP BY ticker
        HAVING date >= (SELECT max(date) FROM warehouse.gold_stock_analytics) - 7
    )
    WHERE isFinite(volatility)
)
SETTINGS join_use_nulls = 0;
