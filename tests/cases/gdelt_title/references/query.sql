SELECT gdelt_title(concat('<PAGE_LINKS>http://a.example/?a=1&b=2</PAGE_LINKS><PAGE_TITLE>', v, '</PAGE_TITLE>')) FROM VALUES('v String',
    (''), ('V&#xED;kend &eacute;t&#233; &#x1F600;'), ('AT&amp;T'), ('AT&amp;amp;T'), ('it&amp;#39;s &amp;quot;so&amp;quot;'), ('it&#146;s'), ('Vaud&R&#xE9;gions'),
    ('&#0;&#xD800;&#x110000;&#99999999999;'), ('&bogus; &; &#; &#x; &amp'), ('a < b'))
