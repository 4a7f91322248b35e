SELECT arraySort(arrayMap(t -> (t.ticker, t.rule, t.surface, t.offset), gdelt_tickers(orgs, names, title)))
FROM VALUES('n UInt8, orgs String, names String, title String',
    (1, 'Goldman Sachs Group Inc,1729', 'Dow Jones VentureSource,1730;Goldman Sachs Group Inc,1880', ''),
    (2, '', '', 'Target shares fall as shoppers target cheaper stores'),
    (3, '', '', 'Why you should target your savings'),
    (4, '', '', 'Parent ( NASDAQ : GOOG ) beats estimates'),
    (5, 'google;facebook', '', ''),
    (6, '', '', 'Facebook suffers an outage - Yahoo Finance'),
    (7, '', 'Taylor Swift,12;Chase Field,30;Google Classroom,50', ''),
    (8, '', '', 'Googles McDonald\'s ad'),
    (9, '', '', '谷歌直面分拆危机'))
ORDER BY n
