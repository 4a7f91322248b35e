-- of a truth of 0 nothing is asked, a prediction of 0 is wrong
SELECT ml_direction([1, -1, 0, 2], [3, 1, 1, 0]), ml_direction([0], [1])
