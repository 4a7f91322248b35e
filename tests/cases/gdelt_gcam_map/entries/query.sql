SELECT gdelt_gcam_map(v) FROM VALUES('v String', ('wc:402,c1.1:2,v10.1:-5.25'), (''), ('wc:402,bad,:5,c1.1:x,c1.2:3,'))
