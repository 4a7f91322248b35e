SELECT text_sentiment('Nvidia soars', '../headlines')
