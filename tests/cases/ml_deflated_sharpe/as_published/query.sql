-- Bailey and Lopez de Prado 2014: a yearly ratio of 2.5 over 1,250 days is worth 0.9004 after 100 trials and 0.9505 after 46, where the
-- trials' yearly ratios vary by 1/2. Their returns have skew -3 and kurtosis 10; so have these, which are 105 times one value and 1,145 times another.
WITH
    arrayMap(i -> if(i < 105, -1., 0.), range(1250)) AS shape,
    arrayAvg(shape) AS m,
    sqrt(arraySum(x -> pow(x - m, 2), shape) / 1249) AS s,
    arrayMap(x -> (x - m) / s + 2.5 / sqrt(250), shape) AS returns
SELECT round(ml_deflated_sharpe(returns, 100, 0.5 / 250), 4), round(ml_deflated_sharpe(returns, 46, 0.5 / 250), 4)
