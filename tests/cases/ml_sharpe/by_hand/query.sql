SELECT round(ml_sharpe([0.01, nan, 0.03, -0.01], 252), 9), ml_sharpe([0.1, 0.1, 0.1], 252), ml_sharpe([1], 252)
