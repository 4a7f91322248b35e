SELECT ta_stddev([5, 5, 1e17, 5, 5, 5, 6], 2)
