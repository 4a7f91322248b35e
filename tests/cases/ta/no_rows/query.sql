SELECT ta('ema(3)', CAST([], 'Array(Tuple(DateTime64(6), Float64))'))
