SELECT round(nn_predict_scalar('returns', [[0.01, 1e6], [0.02, 2e6], [-0.01, 1.5e6]]::Array(Array(Float32))), 6) AS y
