SELECT arrayMap(c -> (c.class, round(c.probability, 5)), nn_classes('moods', [[0.1, 0.2, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]::Array(Array(Float32)))) AS c, round(arraySum(c.2), 4)
