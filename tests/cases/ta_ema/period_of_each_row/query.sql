SELECT n, arrayMap(v -> round(v, 9), ta_ema([1, 2, 3, 4], n)) FROM values('n UInt8', 1, 2, 3) ORDER BY n
