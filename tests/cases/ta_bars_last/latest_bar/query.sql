SELECT ta_bars_last('sma(2)', [(toDate('2024-01-02'), 1, 4, 1, 3, 10), (toDate('2024-01-01'), 1, 3, 1, 2, 10)])
