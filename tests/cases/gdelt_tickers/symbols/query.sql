-- Every listed ticker is a symbol, in the forms that nothing else has; a letter apart from its dollar is none.
SELECT arrayMap(t -> (t.ticker, t.rule, t.surface), gdelt_tickers('', '', title))
FROM VALUES('n UInt8, title String',
    (1, 'Chip maker (NASDAQ: NVDA) raises its forecast'), (2, 'Chip maker ( NASDAQ : NVDA ) raises its forecast'),
    (3, 'Why I bought $NVDA'), (4, 'Truck sales ($F) fall'), (5, 'They raise $ A lot'), (6, 'Listed as (HKG: 700)'), (7, '(NYSE: NOSUCH)'))
ORDER BY n
