SELECT arrayMap(v -> round(v, 6), ta_stddev(arrayMap(i -> 1e9 + (i % 2) * 0.001, range(6)), 4))
