SELECT ml_mae([1, 2], [4, 6]), ml_mae([inf], [0])
