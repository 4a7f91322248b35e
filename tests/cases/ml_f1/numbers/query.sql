SELECT ml_f1(arrayMap(x -> toString(x), [1, 2, 2]), arrayMap(x -> toString(x), [1, 1, 2]), '2')
