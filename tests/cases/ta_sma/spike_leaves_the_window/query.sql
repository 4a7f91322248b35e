SELECT ta_sma([5, 5, 5, 1e17, 5, 5, 5, 5], 3)
