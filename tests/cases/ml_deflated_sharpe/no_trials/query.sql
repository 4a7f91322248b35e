SELECT ml_deflated_sharpe([0.1, 0.2], 0, nan)
