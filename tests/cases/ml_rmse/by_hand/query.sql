SELECT ml_rmse([1, 2], [4, 6])
