SELECT ta_anomaly([1, 2, 3], 2, 'robust')
