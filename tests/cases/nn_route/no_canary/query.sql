SELECT nn_route('moods', 'a'), nn_route('returns', 'b')
