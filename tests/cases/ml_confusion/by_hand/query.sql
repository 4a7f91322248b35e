SELECT ml_confusion(['up', 'up', 'down', 'down', 'up'], ['up', 'down', 'up', 'down', 'up']), ml_confusion([], [])
