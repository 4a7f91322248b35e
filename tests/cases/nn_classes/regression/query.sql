SELECT nn_classes('returns', [[0.1]]::Array(Array(Float32)))
