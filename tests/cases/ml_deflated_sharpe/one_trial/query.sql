-- the probabilistic Sharpe ratio; what moved as far up as down is as good as luck
SELECT ml_deflated_sharpe([1, -1, 1, -1], 1, nan), ml_deflated_sharpe([1], 1, nan)
