SELECT cal_is_open(toDate32('2024-07-04') + number, ['XNYS', 'nasdaq'][1 + number % 2]) FROM numbers(4)
