SELECT arrayJoin(gdelt_quotations('10|20|said|we are #1 | and stay so#40|3|| ok#not a head#60|1|x|'))
