SELECT arrayMap(t -> t.ticker, gdelt_tickers(orgs, names, title))
FROM VALUES('n UInt8, orgs String, names String, title String',
    (1, '', '', 'Fires in the Amazon spread'),
    (2, '', '', 'The Amazon app is down'),
    (3, '', 'Amazon,1;Brazil,30', ''),
    (4, '', 'Amazon,1;Seattle,30', ''),
    (5, '', '', 'Brazil: Amazon shares and antitrust'))
ORDER BY n
