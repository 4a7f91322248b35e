SELECT ta('sma(2), d=drawdown', [toDate('2024-01-02'), toDate('2024-01-01')], [1, 2])
