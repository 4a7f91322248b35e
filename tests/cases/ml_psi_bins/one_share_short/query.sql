SELECT ml_psi_bins([1, 2], [0.5, 0.5], [1])
