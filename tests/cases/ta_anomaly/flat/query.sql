SELECT ta_anomaly([7, 7, 7, 7, 8, 6], 3, 'robust')
