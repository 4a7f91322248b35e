SELECT url_canonical(v) FROM VALUES('v String',
    ('HTTP://WWW.Example.COM:80/News/Story/?utm_source=a&id=7&fbclid=z#top'), ('https://example.com'), ('https://example.com/'), ('http://u:p@example.com.:8080/a?b'),
    ('https://en.m.wikipedia.org/wiki/Gap_Inc.'), ('https://m.com/x'), ('https://[2001:DB8::1]:443/a'), (' https://example.com/a?UTM_Medium=x&&y=1 '), ('https://example.com/a//b/'),
    ('https://example.com/?partner=rss&partner=other'))
