SELECT gdelt_names(v) FROM VALUES('v String', ('Widgets, Inc,10;,5;Acme,x;Acme,99999999999'))
