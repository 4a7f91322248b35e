SELECT ta_bbands([1, 2, 3], 2, inf, 2)
