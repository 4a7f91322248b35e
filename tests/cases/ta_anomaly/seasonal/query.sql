-- seasons of three; the fourth is off by 1, 2 and 3, the fifth by 9, of the median of its place
SELECT arrayMap(s -> round(s, 6), ta_anomaly([10, 20, 30, 10, 20, 30, 10, 20, 30, 11, 22, 33, 19], 3, 'seasonal'))
