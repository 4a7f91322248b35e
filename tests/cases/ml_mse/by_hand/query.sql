SELECT ml_mse([1, 2, nan, 4], [2, 2, 5, 1]), ml_mse([], []), ml_mse([nan], [1])
