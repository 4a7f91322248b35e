SELECT ml_precision(['up', 'up', 'down', 'down', 'up'], ['up', 'down', 'up', 'down', 'up'], 'up'), ml_precision(['up', 'up', 'down', 'down', 'up'], ['up', 'down', 'up', 'down', 'up'], 'neutral')
