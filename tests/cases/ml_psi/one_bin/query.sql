SELECT ml_psi([1, 2], [1, 2], 1)
