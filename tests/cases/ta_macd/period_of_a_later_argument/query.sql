SELECT ta_macd([1, 2, 3], 12, 26, 0)
