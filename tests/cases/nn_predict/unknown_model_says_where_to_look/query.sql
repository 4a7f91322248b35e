SELECT nn_predict('nobody@3', [[0.1]]::Array(Array(Float32)))
