SELECT arraySort(arrayMap(t -> t.ticker, gdelt_tickers_at('Anadarko;Express Scripts;First Data;DreamWorks Animation;Alcatel-Lucent', '', '', toDate(day))))
FROM VALUES('day String', '2015-05-01', '2021-05-03')
ORDER BY day
