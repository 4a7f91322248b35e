SELECT url_canonical(v) FROM VALUES('v String', (''), ('BBC Monitoring: text'), ('ftp://Example.com/A'), ('https://'), ('https:///path'), ('https://example.com:port/'), (' https://a b.com/ '))
