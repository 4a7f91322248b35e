SELECT ta_ema([1, 2, 3], 4), ta_ema([], 4), ta_ema([7], 1)
