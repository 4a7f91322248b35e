SELECT ta_last('sma(2), mom(1)', [(toDate('2024-01-03'), 30), (toDate('2024-01-01'), 10), (toDate('2024-01-02'), 20)])
