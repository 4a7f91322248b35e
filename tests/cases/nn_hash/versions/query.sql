SELECT length(nn_hash('moods')), nn_hash('moods') = nn_hash('moods@1'), nn_hash('moods@2') = nn_hash('moods@1')
