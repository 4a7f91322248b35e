-- shares 1/2, 1/2 against 1/4, 3/4
SELECT round(ml_psi([1, 2, 3, 4], [1, 3, 4, 9], 2), 12), ml_psi([1, 2, 3, 4], [1, 2, 3, 4], 4), ml_psi([1], [nan], 2)
