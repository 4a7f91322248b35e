SELECT ta('sma(2)', [toDateTime64('2024-01-03', 6, 'UTC'), toDateTime64('2024-01-01', 6, 'UTC'), toDateTime64('2024-01-02', 6, 'UTC')], [30., 10., 20.])
