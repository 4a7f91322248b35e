SELECT arrayMap(t -> t.ticker, gdelt_tickers('Goldman Sachs Group Inc,1729', '', repeat('a b ', 40000)))
