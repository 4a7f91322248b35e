SELECT ta('sma(1)', [toDateTime64('2024-01-01', 6, 'UTC'), toDateTime64('2024-01-01', 6, 'UTC'), toDateTime64('2024-01-01', 6, 'UTC')], [30., 10., 20.]).values
