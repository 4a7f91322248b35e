SELECT ml_psi_bins([1, 1], [0.5, -0.5, 1], [1])
