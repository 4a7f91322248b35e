SELECT ml_mse(truth, [1, 2]) FROM (SELECT arrayJoin([[1., 2.], [1., 2., 3.]]) AS truth)
