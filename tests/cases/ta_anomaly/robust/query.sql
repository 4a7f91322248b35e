SELECT arrayMap(s -> round(s, 6), ta_anomaly([1, 2, 3, 4, 5, 10], 5, 'robust'))
