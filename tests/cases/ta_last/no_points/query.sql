SELECT ta_last('sma(2), mom(1)', CAST([], 'Array(Date)'), [])
