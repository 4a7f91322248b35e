SELECT ta_bars('sma(1), mom(1), willr(2)', [toDate('2024-01-02'), toDate('2024-01-01')], [1, 1], [4, 3], [1, 1], [3, 2], [10, 10]).values
