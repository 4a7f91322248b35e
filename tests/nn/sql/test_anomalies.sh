#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# warehouse.anomalies: a fall, a burst of trading and a day of bad news that are planted among quiet sessions are found, each on its day, and
# a ticker's first sessions and those without news have no score.
. tests/lib.sh
hub_start

query "SYSTEM STOP VIEW warehouse.gold_refresh"
query "INSERT INTO warehouse.gold_stock_analytics (date, ticker, close, volume, sentiment_avg, news_volume, return_t)
    SELECT toDate('2025-01-01') + number % 200, ['AAA', 'BBB'][1 + intDiv(number, 200)], 100,
        1e6 * exp((cityHash64(number, 1) % 200 - 100) / 500) * if(number = 170, 9, 1),
        if(number % 2 = 0, cityHash64(number, 2) % 100 / 50 - if(number = 360, 9, 0), 0), if(number % 2 = 0, 3, 0),
        if(number % 200 = 0, nan, (cityHash64(number, 3) % 200 - 100.) / 10000 - if(number = 150, 0.2, 0))
    FROM numbers(400)"

expect_equal "$(query "SELECT ticker, date, what, if(score > 0, 'above', 'below') FROM warehouse.anomalies ORDER BY date")" \
    "AAA	2025-05-31	price	below
BBB	2025-06-10	sentiment	below
AAA	2025-06-20	volume	above" "what was planted, and nothing else"
expect_equal "$(query "SELECT what, count(), min(date) FROM warehouse.anomaly_scores WHERE ticker = 'AAA' GROUP BY what ORDER BY what")" \
    "price	139	2025-03-03
sentiment	40	2025-05-01
volume	140	2025-03-02" "scores begin after 60 sessions that have a value"
expect_equal "$(query "SELECT round(value, 3) FROM warehouse.anomalies WHERE what = 'price'")" "$(query "SELECT round(return_t, 3)
    FROM warehouse.gold_stock_analytics WHERE ticker = 'AAA' AND date = '2025-05-31'")" "the value is gold's"
echo "three planted anomalies are found"
