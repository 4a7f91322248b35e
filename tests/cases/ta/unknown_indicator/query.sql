SELECT ta('sma(2), emo(3)', [today()], [1.])
