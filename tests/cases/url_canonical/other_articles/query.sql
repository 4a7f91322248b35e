SELECT url_canonical(v) FROM VALUES('v String',
    ('https://example.com/search?q=amp'), ('https://example.com/search?q=amp&OutputType=AMP'), ('https://example.com/best-guitar-amp'), ('https://example.com/best-guitar-amp/'),
    ('https://example.com/best-guitar-amp.amp'), ('https://amp.co.uk/a'), ('https://www.amp.co.uk/a'), ('https://m.com.au'), ('https://www.bbc.co.uk/'), ('https://amp.de/'), ('https://m.go.com/a'))
