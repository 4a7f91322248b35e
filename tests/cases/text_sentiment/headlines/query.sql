SELECT text_sentiment(t, 'headlines').compound FROM VALUES('t String', ('Nvidia soars'), ('Nvidia soars!'), ('Guidance very weak'), ('Chipmaker beats but warns'), ('Board meets'), (''))
