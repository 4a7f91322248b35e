SELECT arrayMap(v -> round(v, 9), ta_ema([1, 2, nan, 3, 4], 2)), ta_ema([nan, nan, 1, 2, 3], 2), arrayMap(v -> round(v, 9), ta_ema([1, 2, inf, 3, 4], 2))
