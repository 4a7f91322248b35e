SELECT ta_last('sma(2), mom(1)', CAST([], 'Array(Tuple(DateTime64(6), Float64))'))
