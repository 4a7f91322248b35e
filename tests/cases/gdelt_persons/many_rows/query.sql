SELECT count(), sum(length(gdelt_persons(concat('Ann Lee,', toString(number), repeat(';Bo,1', number % 3))))), sum(gdelt_persons(concat('Ann Lee,', toString(number)))[1].offset) FROM numbers(100000)
