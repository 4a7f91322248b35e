SELECT cal_is_open(toDate('2025-01-09'), 'XLON')
