SELECT name, arrayMap(day -> gdelt_tickers_at(concat(name, ',1'), '', '', toDate(day)).1, days) AS tickers
FROM VALUES('n UInt8, name String, days Array(String)',
    (1, 'SanDisk', ['2016-05-11', '2016-05-12', '2025-02-24']),
    (2, 'Credit Karma', ['2020-12-02', '2020-12-03']),
    (3, 'Duracell', ['2016-02-28', '2016-02-29']),
    (4, 'Krispy Kreme', ['2016-07-27', '2018-01-01', '2021-07-01']),
    (5, 'Tylenol', ['2023-05-03', '2023-05-04']),
    (6, 'Symantec', ['2019-11-03', '2019-11-04']),
    (7, 'Popeyes', ['2017-03-26', '2017-03-27']),
    (8, 'Freeport', ['2020-01-01']),
    (9, 'Nordstrom', ['2025-05-20', '2025-05-21']))
ORDER BY n
