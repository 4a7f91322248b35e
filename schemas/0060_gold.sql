-- SPDX-License-Identifier: Apache-2.0
-- Gold: a row for each ticker and session with prices, news and the label, and what dashboards show of it.

-- The news of a session, of links that are more likely right than wrong. Tones are summed as decimals, the same to the last bit in
-- whatever order the rows come; one that GDELT did not give counts as 0.
CREATE OR REPLACE VIEW warehouse.news_daily AS
SELECT
    ticker,
    date,
    toFloat64(sum(toDecimal64(if(isFinite(tone), greatest(-100, least(100, tone)), 0), 6))) AS sentiment_sum,
    sentiment_sum / news_volume AS sentiment_avg,
    countIf(tone > 0) AS positive_articles,
    countIf(tone < 0) AS negative_articles,
    if(positive_articles + negative_articles = 0, 0.5, positive_articles / (positive_articles + negative_articles)) AS polarity_ratio,
    count() AS news_volume
FROM warehouse.news_ticker FINAL
WHERE score >= 0.5
GROUP BY ticker, date;

-- Times: every column but target_next_return is known at the close of `date`; target_next_return is the return of the session after it,
-- NaN on the last one.
CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.gold_stock_analytics
REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.news_article_refresh
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
    return_t           Float64 COMMENT 'close / close of the session before - 1',
    ma_7               Float64 COMMENT 'mean of the last 7 closes',
    volatility_7       Float64 COMMENT 'sample standard deviation of the last 7 logarithmic returns, per day',
    target_next_return Float64 COMMENT 'the label: return_t of the next session'
)
ENGINE = MergeTree
ORDER BY (ticker, date)
AS
SELECT
    bars.date AS date,
    bars.ticker AS ticker,
    close,
    open,
    high,
    low,
    volume,
    news.sentiment_avg AS sentiment_avg,
    news.sentiment_sum AS sentiment_sum,
    if(news.news_volume = 0, 0.5, news.polarity_ratio) AS polarity_ratio,
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
LEFT JOIN warehouse.news_daily AS news ON news.ticker = bars.ticker AND news.date = bars.date;

-- Look-ahead, check by check: rows examined and rows that break the rule. Each check computes anew, from the calendar, the articles and
-- the prices, what gold says; none of them asks the function that dated the article.
CREATE OR REPLACE VIEW warehouse.ops_lookahead AS
SELECT 'an article was seen before its session closed' AS check, count() AS rows, countIf(NOT (session.is_open AND seen_at < session.close_at)) AS violations
FROM (SELECT date, seen_at FROM warehouse.news_ticker FINAL) AS news
LEFT JOIN (SELECT * FROM warehouse.dim_date WHERE mic = 'XNYS') AS session ON session.date = news.date
UNION ALL
SELECT 'a session counts the articles seen before its close and no other', count(), countIf(gold.news_volume != news.articles)
FROM warehouse.gold_stock_analytics AS gold
LEFT JOIN
(
    SELECT ticker, article.date AS date, countIf(seen_at < session.close_at) AS articles
    FROM (SELECT ticker, date, seen_at FROM warehouse.news_ticker FINAL WHERE score >= 0.5) AS article
    INNER JOIN (SELECT date, close_at FROM warehouse.dim_date WHERE mic = 'XNYS' AND is_open) AS session ON session.date = article.date
    GROUP BY ticker, date
) AS news ON news.ticker = gold.ticker AND news.date = gold.date
UNION ALL
SELECT 'features end at their own close', count(), countIf(NOT isNaN(return_t) AND abs(return_t - (close / before - 1)) > 1e-12
    OR NOT isNaN(ma_7) AND abs(ma_7 / mean_7 - 1) > 1e-12)
FROM
(
    SELECT
        return_t,
        close,
        ma_7,
        any(close) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) AS before,
        avg(close) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) AS mean_7
    FROM warehouse.gold_stock_analytics
)
UNION ALL
SELECT 'the label is the return of the session after', count(), countIf(label IS DISTINCT FROM wanted)
FROM
(
    SELECT
        reinterpretAsUInt64(target_next_return) AS label,
        reinterpretAsUInt64(leadInFrame(return_t, 1, nan) OVER (PARTITION BY ticker ORDER BY date ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) AS wanted
    FROM warehouse.gold_stock_analytics
);

-- The proof of each build of gold. A violation makes its refresh fail: system.view_refreshes then has the sentence, and no proof is added.
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

CREATE MATERIALIZED VIEW IF NOT EXISTS warehouse.ops_lookahead_refresh
REFRESH EVERY 5 MINUTE DEPENDS ON warehouse.gold_stock_analytics APPEND TO warehouse.ops_lookahead_proof AS
SELECT
    now64(6) AS built_at,
    check,
    rows,
    violations
FROM warehouse.ops_lookahead
WHERE throwIf(violations != 0, 'gold looks ahead: SELECT * FROM warehouse.ops_lookahead names the check') = 0;

-- How the market feels, by session: sentiment against its own last 60 sessions.
CREATE OR REPLACE VIEW warehouse.market_mood AS
SELECT
    date,
    articles,
    tickers,
    sentiment,
    positive_share,
    market_return,
    if(past_deviation > 0, (sentiment - past_mean) / past_deviation, 0) AS sentiment_z,
    multiIf(sentiment_z <= -1, 'fear', sentiment_z >= 1, 'greed', 'neutral') AS mood
FROM
(
    SELECT
        *,
        avg(sentiment) OVER past AS past_mean,
        stddevSamp(sentiment) OVER past AS past_deviation
    FROM
    (
        SELECT
            date,
            sum(news_volume) AS articles,
            countIf(news_volume > 0) AS tickers,
            sum(sentiment_sum) / articles AS sentiment,
            sum(polarity_ratio * news_volume) / articles AS positive_share,
            avgIf(return_t, isFinite(return_t)) AS market_return
        FROM warehouse.gold_stock_analytics
        GROUP BY date
        HAVING articles > 0
    )
    WINDOW past AS (ORDER BY date ROWS BETWEEN 60 PRECEDING AND 1 PRECEDING)
);

-- Price against sentiment: both as deviations from their own last 20 sessions, and how far they are apart.
CREATE OR REPLACE VIEW warehouse.hype_cycle AS
SELECT
    ticker,
    date,
    close,
    sentiment_5,
    news_5,
    if(close_deviation > 0, (close - close_mean) / close_deviation, 0) AS price_z,
    if(sentiment_deviation > 0, (sentiment_5 - sentiment_mean) / sentiment_deviation, 0) AS sentiment_z,
    sentiment_z - price_z AS divergence,
    multiIf(divergence >= 2, 'news ahead of price', divergence <= -2, 'price ahead of news', 'together') AS phase
FROM
(
    SELECT
        *,
        avg(close) OVER past AS close_mean,
        stddevSamp(close) OVER past AS close_deviation,
        avg(sentiment_5) OVER past AS sentiment_mean,
        stddevSamp(sentiment_5) OVER past AS sentiment_deviation
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

-- Where risk gathers, for each ticker's latest session: ranks among all tickers, averaged to 0 (calm) .. 100.
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
            max(g.date) AS date,
            argMax(volatility_7, g.date) * sqrt(252) AS volatility,
            argMax(close, g.date) / max(close) - 1 AS drawdown,
            sumIf(news_volume, recency <= 5) AS news_5,
            if(news_5 = 0, 0.5, sumIf((1 - polarity_ratio) * news_volume, recency <= 5) / news_5) AS negative_share
        FROM
        (
            SELECT *, row_number() OVER (PARTITION BY ticker ORDER BY date DESC) AS recency
            FROM warehouse.gold_stock_analytics
        ) AS g
        WHERE recency <= 252
        GROUP BY ticker
    )
    WHERE isFinite(volatility)
);
