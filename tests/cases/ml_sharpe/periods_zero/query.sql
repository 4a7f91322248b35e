SELECT ml_sharpe([0.1, 0.2], 0)
