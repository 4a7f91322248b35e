SELECT url_canonical(v) FROM VALUES('v String',
    ('https://example.com/amp/news/1'), ('https://example.com/news/1/amp/'), ('https://example.com/news/1.amp'), ('https://example.com/news/1.amp.html'), ('https://example.com/news/1_amp.html'),
    ('https://m.example.com/x/amp_articleshow/1.cms'), ('https://example.com/news/1?amp'), ('https://example.com/news/1?output=amp&p=2'), ('https://example.com/news/1/lite/'), ('https://amp.example.co.uk/news/1?amp=1'),
    ('https://www-example-com.cdn.ampproject.org/c/s/www.example.com/news/1/amp/?usqp=mq331'), ('https://www.google.co.uk/amp/s/amp.example.com/news/1'), ('https://www.google.com/amp/'), ('https://example.com/news/1-amp.html?viewas=amp'), ('https://example.com/%d8%aB/%zz?q=%c3'))
