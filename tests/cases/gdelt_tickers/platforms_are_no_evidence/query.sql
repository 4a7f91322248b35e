SELECT arraySort(arrayMap(t -> t.ticker, gdelt_tickers(orgs, names, title)))
FROM VALUES('n UInt8, orgs String, names String, title String',
    (1, '', 'Delta,1;Google,2;Southwest,3;Block,4;Progressive,5;Abbott,6;Hershey,7', ''),
    (2, 'shell;google', '', ''),
    (3, 'Target;Google', '', ''),
    (4, '', 'Target,1;Walmart,2', ''),
    (5, '', 'Target,1;Walmart,2;Costco,3', ''),
    (6, 'Target', '', 'Why shares of retailers fell'),
    (7, '', '', 'Google Cloud becomes main validator on Cronos blockchain'))
ORDER BY n
