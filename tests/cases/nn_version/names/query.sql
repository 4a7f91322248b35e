SELECT nn_version('moods'), nn_version('moods@production'), nn_version('moods@2'), nn_version('returns')
