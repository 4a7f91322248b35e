SELECT round(avg(ic), 12), round(ml_sharpe(groupArray(ic), 1), 12) AS icir
FROM (SELECT day, ml_ic(groupArray(truth), groupArray(predicted)) AS ic
      FROM VALUES('day UInt8, truth Float64, predicted Float64', (1, 1, 1), (1, 2, 2), (1, 3, 3), (2, 1, 1), (2, 2, 3), (2, 3, 2), (3, 1, 5))
      GROUP BY day)
WHERE isFinite(ic)
