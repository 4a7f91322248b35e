SELECT ta_atr(h, l, c, 2) FROM values('h Array(Float64), l Array(Float64), c Array(Float64)', ([2, 3], [1, 2], [1, 2]), ([2, 3], [1], [1, 2]))
