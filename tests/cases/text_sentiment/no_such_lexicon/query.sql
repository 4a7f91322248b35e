SELECT text_sentiment('Nvidia soars', 'absent')
