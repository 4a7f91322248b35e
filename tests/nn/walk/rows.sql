-- Rows to learn from, made of samples/prices with what any ClickHouse has: each feature is known at the close of its row's date.
SELECT
    ticker,
    date,
    return_1,
    return_5,
    range,
    gap,
    volume_change,
    volatility,
    target
FROM
(
    SELECT
        upper(splitByChar('_', _file)[1]) AS ticker,
        Date AS date,
        Close / any(Close) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) - 1 AS return_1,
        Close / any(Close) OVER (w ROWS BETWEEN 5 PRECEDING AND 5 PRECEDING) - 1 AS return_5,
        High / Low - 1 AS range,
        Open / any(Close) OVER (w ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING) - 1 AS gap,
        log(Volume / avg(Volume) OVER (w ROWS BETWEEN 19 PRECEDING AND CURRENT ROW)) AS volume_change,
        stddevSamp(log(High / Low)) OVER (w ROWS BETWEEN 19 PRECEDING AND CURRENT ROW) AS volatility,
        leadInFrame(Close, 1, nan) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) / Close - 1 AS target,
        row_number() OVER w AS number
    FROM file('samples/prices/*.csv', CSVWithNames, 'Date Date, Open Float64, High Float64, Low Float64, Close Float64, Volume Float64')
    WINDOW w AS (PARTITION BY _file ORDER BY Date)
)
WHERE number > 20
ORDER BY ticker, date
