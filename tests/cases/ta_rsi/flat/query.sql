SELECT ta_rsi([5, 5, 5, 5], 2)
