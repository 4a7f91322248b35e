-- what is not finite has no score and is as if it were not there
SELECT arrayMap(s -> round(s, 6), ta_anomaly([1, 2, nan, 3, 4, inf, 5, 10, nan, 3.0], 5, 'robust'))
