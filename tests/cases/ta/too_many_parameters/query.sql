SELECT ta('ema(1,2)', [today()], [1.])
