SELECT arrayMap(y -> round(y, 6), nn_predict('returns', [[0.01, 1e6], [0.02, 2e6], [-0.01, 1.5e6]]::Array(Array(Float32)))) AS y
