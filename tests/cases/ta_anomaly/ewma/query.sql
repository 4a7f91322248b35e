SELECT arrayMap(s -> round(s, 6), ta_anomaly([1, 2, 3, 4, 3], 3, 'ewma'))
