SELECT gdelt_amounts('3,month mortgage holiday for,374;94.5,a, b,812;x,y,1;5,z;')
