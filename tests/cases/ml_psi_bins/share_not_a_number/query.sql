SELECT ml_psi_bins([1], [0.5, nan], [1])
