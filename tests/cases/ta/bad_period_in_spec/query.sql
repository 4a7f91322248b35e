SELECT ta('ema(0)', [today()], [1.])
