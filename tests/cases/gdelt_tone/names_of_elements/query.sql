SELECT t.word_count, t.self_density FROM (SELECT gdelt_tone('1,2,3,4,5,6,7') AS t)
