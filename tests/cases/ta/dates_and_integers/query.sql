SELECT ta('sma(2), d=drawdown', [(toDate('2024-01-02'), 1), (toDate('2024-01-01'), 2)])
