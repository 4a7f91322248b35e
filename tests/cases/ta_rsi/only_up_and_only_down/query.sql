SELECT ta_rsi([1, 2, 3, 4], 2), ta_rsi([4, 3, 2, 1], 2)
