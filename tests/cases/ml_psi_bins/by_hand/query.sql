-- shares 1/2, 1/2 against 1/4, 3/4; bins of a model that are not known
SELECT round(ml_psi_bins([2.5], [0.5, 0.5], [1, 3, nan, 4, 9]), 12), ml_psi_bins([], [], [1, 2])
