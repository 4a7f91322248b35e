SELECT countIf(v = 'trial@2'), uniqExact(v) FROM (SELECT nn_route('trial', toString(number)) AS v FROM numbers(10000))
