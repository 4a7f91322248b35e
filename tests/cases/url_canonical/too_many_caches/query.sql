SELECT url_canonical(v) FROM VALUES('v String',
    (concat('https://', repeat('google.com/amp/s/', 4), 'example.com/a')), (concat('https://', repeat('google.com/amp/s/', 5), 'example.com/a')),
    ('https://example.com/a.amp.amp/amp/lite//'), ('https://example.com/a-amp.amp.html'))
