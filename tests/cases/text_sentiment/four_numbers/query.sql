SELECT text_sentiment('Nvidia soars', toLowCardinality('headlines')) AS s, toTypeName(s)
