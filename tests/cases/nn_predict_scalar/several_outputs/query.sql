SELECT nn_predict_scalar('moods', [[0.1]]::Array(Array(Float32)))
