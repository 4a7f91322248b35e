SELECT nn_route('moods@2', 'a')
