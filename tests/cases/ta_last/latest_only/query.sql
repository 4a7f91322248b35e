SELECT ta_last('sma(2), mom(1)', [toDate('2024-01-03'), toDate('2024-01-01'), toDate('2024-01-02')], [30, 10, 20])
