SELECT ta_sma([1, nan, 3, 4, 5], 2), ta_sma([1, inf, 3, 4, 5], 2)
