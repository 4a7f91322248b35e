SELECT arraySort(arrayMap(t -> t.ticker, gdelt_tickers_at('LinkedIn,1;Twitter,20', '', '', date)))
FROM VALUES('date Date', ('2015-02-18'), ('2016-12-08'), ('2023-01-01'))
ORDER BY date
