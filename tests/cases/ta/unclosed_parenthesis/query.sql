SELECT ta('ema(3', [today()], [1.])
