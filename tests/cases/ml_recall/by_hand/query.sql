SELECT ml_recall(['up', 'up', 'down', 'down', 'up'], ['up', 'down', 'up', 'down', 'up'], 'up'), ml_recall(['up', 'up', 'down', 'down', 'up'], ['up', 'down', 'up', 'down', 'up'], 'neutral')
