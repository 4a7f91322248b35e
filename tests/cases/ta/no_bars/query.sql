SELECT ta('ema(3)', CAST([], 'Array(Date)'), [])
