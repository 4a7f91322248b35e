SELECT gdelt_title(v) FROM VALUES('v String', (''), ('<PAGE_TITLE>cut off &#x2013'), ('PAGE_TITLE>no'), ('<PAGE_TITLES>no</PAGE_TITLES><PAGE_TITLE>yes</PAGE_TITLE>'))
