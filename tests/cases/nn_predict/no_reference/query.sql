SELECT nn_predict('../etc/passwd', [[0.1]]::Array(Array(Float32)))
