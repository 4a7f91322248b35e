SELECT ta_ema([1, 2, 3], -5)
