SELECT arrayMap(t -> t.ticker, gdelt_tickers('', '', title))
FROM VALUES('n UInt8, title String',
    (1, 'Banana Republic of politics'),
    (2, 'Charles Schwab dies at home'),
    (3, 'Charles Schwab shares rise'),
    (4, 'Nikola Tesla was born here'),
    (5, 'Winged Nike found in Delphi'),
    (6, 'New Guinness World Record for pancakes'),
    (7, 'Weekly Roundup of the news'),
    (8, 'Copa America begins'),
    (9, 'Dolby Atmos in every room'),
    (10, 'New drug helps wet AMD patients'))
ORDER BY n
