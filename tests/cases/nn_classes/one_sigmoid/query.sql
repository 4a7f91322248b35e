SELECT arrayMap(c -> (c.class, round(c.probability, 5)), nn_classes('binary', [[0.01, 1e6], [0.02, 2e6], [-0.01, 1.5e6]]::Array(Array(Float32)))) AS c
