SELECT arrayMap(v -> if(v > 1e15, round(v, -10), v), ta_sma([5, 5, 5, 1e17, 5, 5, 5, 5], 3))
