# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# completion: the shells ask './tickhouse --complete WORDS...' for what may come next, so they know what the help knows.

help_completion() {
    cat <<EOF
completion: print completion for a shell

usage: ./tickhouse completion bash|zsh

  bash   source <(./tickhouse completion bash)
  zsh    source <(./tickhouse completion zsh), after compinit
EOF
}

command_completion() {
    case ${1-} in
    bash) completion_bash ;;
    zsh) completion_zsh ;;
    *) die 64 "completion wants 'bash' or 'zsh'" ;;
    esac
}

completion_bash() {
    cat <<'EOF'
_tickhouse() {
    local words
    words=$("${COMP_WORDS[0]}" --complete "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null) || return
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -F _tickhouse tickhouse ./tickhouse
EOF
}

completion_zsh() {
    cat <<'EOF'
_tickhouse() {
    local -a replies
    replies=(${(f)"$("${words[1]}" --complete "${(@)words[2,CURRENT-1]}" 2>/dev/null)"})
    compadd -a replies || _files
}
compdef _tickhouse tickhouse ./tickhouse
EOF
}

# complete_words [COMMAND WORDS...]: one word a line.
complete_words() {
    case ${1-} in
    '' | help) for known in $COMMANDS; do echo "$known"; done ;;
    completion) printf 'bash\nzsh\n' ;;
    nn) complete_nn "$@" ;;
    stream)
        # shellcheck disable=SC2086 # words
        if [ $# -eq 1 ]; then printf '%s\n' $STREAM_VERBS; else help_stream | sed -n 's/^  \(--[a-z-]*\).*/\1/p'; fi
        echo --help
        ;;
    ingest | ta | gdelt | cal | tickhouse-hub) # these know --complete; a test or a benchmark would run
        program=$(find_program "$1") || return 0
        shift
        "$program" "$@" --complete </dev/null
        ;;
    *)
        case " $COMMANDS " in
        *" $1 "*) "help_$1" | sed -n 's/^  \(--[a-z-]*\).*/\1/p' ;;
        esac
        echo --help
        ;;
    esac
}

complete_nn() {
    if [ $# -eq 1 ]; then
        help_nn | sed -n 's/^  \([a-z]\{4,\}\)\( [a-z]*\)\{0,1\}  .*/\1\2/p' | tr ' ' '\n' | sed '/^$/d'
    else
        command_nn "$2" --complete </dev/null
    fi
}
