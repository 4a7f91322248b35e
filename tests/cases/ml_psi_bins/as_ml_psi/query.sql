-- the bins that ml_psi makes for itself
WITH [0, 0, 0, 0, 1, 1, 2, 3, 5, 8] AS expected, [0, 1, 1, 4, 9, 9] AS actual
SELECT ml_psi(expected, actual, 4) = ml_psi_bins([0, 1, 2.75], [0.4, 0.2, 0.1, 0.3], actual)
