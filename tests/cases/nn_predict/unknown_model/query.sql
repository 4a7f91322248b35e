SELECT nn_predict('nobody', [[0.1]]::Array(Array(Float32)))
