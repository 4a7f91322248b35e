-- the pairs stay together however the rows are read
SELECT groupArray(round(mse, 12)) FROM (SELECT number % 2 AS model, ml_mse(groupArray(x), groupArray(x + model)) AS mse FROM (SELECT number, toFloat64(number) AS x FROM numbers(1000)) GROUP BY model ORDER BY model)
