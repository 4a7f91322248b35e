SELECT ml_confusion([toString(number), ''], ['a', '']) FROM numbers(2)
