-- ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4
SELECT round(ml_rank_ic([10, 20, 20, 30], [1, 2, 3, 1000]), 12)
