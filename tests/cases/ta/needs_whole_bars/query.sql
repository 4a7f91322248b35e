SELECT ta('atr(2)', [today()], [1.])
