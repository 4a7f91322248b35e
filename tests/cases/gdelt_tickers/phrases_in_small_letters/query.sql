SELECT gdelt_tickers('', '', 'Fires in the Amazon rainforest spread'), gdelt_tickers('', '', 'Apple orchards of the valley'), gdelt_tickers('', '', 'Meta-analysis finds that walking helps')
