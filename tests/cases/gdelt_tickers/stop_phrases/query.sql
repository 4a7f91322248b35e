SELECT gdelt_tickers('', 'Amazon River,5;Harrison Ford,9', 'Snap election looms for the Gap year minister'), gdelt_tickers('', '', '')
