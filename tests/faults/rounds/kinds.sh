# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154,SC2034 # variables of chain.sh; DETAIL and HIT are for rounds.sh
# The faults. A kind draws its details from the round's numbers, does the harm, and leaves the chain so that a supervisor would repair it:
# dead links are started by chain_mend. DETAIL says what was done, HIT whether it met a process at work (a system call that never came did not).

kinds_of_chain() {
    echo kill-mock kill-ingest syscall-ingest error-ingest zombie-ingest disk-full torn-spool partition-mock-ingest kill-hub restart-hub freeze-hub
    case $CHAIN in
    clickhouse) echo partition-ingest-hub ;;
    kafka) echo kill-kafka restart-kafka freeze-kafka partition-ingest-kafka partition-kafka-hub ;;
    postgres)
        echo kill-capture syscall-capture error-capture zombie-capture usurp-capture kill-kafka restart-kafka freeze-kafka \
            postgres-fast postgres-immediate postgres-kill partition-ingest-postgres partition-postgres-capture partition-capture-kafka \
            partition-kafka-hub
        ;;
    debezium)
        echo kill-connect restart-connect freeze-connect kill-kafka restart-kafka freeze-kafka postgres-fast postgres-immediate postgres-kill \
            partition-ingest-postgres partition-postgres-capture partition-capture-kafka partition-kafka-hub
        ;;
    esac
}

# kind_run KIND
kind_run() {
    HIT=1 DETAIL=
    case $1 in
    kill-hub)
        hub_kill9
        draw_moment 500
        hub_again
        ;;
    restart-hub)
        hub_stop
        draw_moment 500
        hub_again
        ;;
    freeze-hub) freeze "$HUB_PID" ;;
    kill-kafka)
        kafka_kill
        draw_moment 1000
        kafka_start
        ;;
    restart-kafka) kafka_restart ;;
    freeze-kafka) freeze "$(service_pid kafka)" ;;
    kill-connect)
        connect_kill
        draw_moment 1000
        connect_again
        ;;
    restart-connect)
        connect_stop
        connect_again
        ;;
    freeze-connect) freeze "$(service_pid connect)" ;;
    postgres-fast)
        service_signal postgres INT
        draw_moment 500
        postgres_start
        ;;
    postgres-immediate)
        service_signal postgres QUIT
        draw_moment 500
        postgres_start
        ;;
    postgres-kill)
        postgres_kill
        draw_moment 500
        postgres_start
        ;;
    kill-mock)
        MOCK_SPEED=5
        kind_kill mock
        ;;
    kill-*) kind_kill "${1#kill-}" ;;
    syscall-*) kind_syscall "${1#syscall-}" "signal=KILL" ;;
    error-*) kind_error "${1#error-}" ;;
    zombie-*) kind_zombie "${1#zombie-}" ;;
    usurp-capture) kind_usurp ;;
    disk-full) kind_disk_full ;;
    torn-spool) kind_torn_spool ;;
    partition-*) kind_partition "${1#partition-}" ;;
    esac
}

hub_again() { hub_start "$HUB_DATA" --http-port "$HUB_PORT"; }

# kind_kill LINK: once, or again soon after it was started, when it is at its beginning.
kind_kill() {
    draw 3
    times=$((DRAWN + 1)) DETAIL="$((DRAWN + 1)) times"
    while [ "$times" -gt 0 ]; do
        link_kill "$1"
        draw_moment 200
        [ "$times" -eq 1 ] || {
            chain_mend
            draw_moment 300
        }
        times=$((times - 1))
    done
}

# kind_syscall LINK WHAT: the link is started anew under strace, which kills it as it enters the N-th call of a kind (in one thread), or
# lets that call fail.
SYSCALLS="write writev pwrite64 fsync,fdatasync rename,renameat,renameat2 openat close unlink,unlinkat ftruncate,truncate flock,fcntl
 read,readv,pread64 sendto sendmsg recvfrom recvmsg poll,ppoll,epoll_wait,epoll_pwait connect socket futex mmap"

kind_syscall() {
    # shellcheck disable=SC2086 # words
    kind_call 7 "$1" "$2" $SYSCALLS
    link_kill "$1"
}

# kind_call BITS LINK WHAT CALL...: a call is drawn, and its number below 2^BITS. One that did not come is no fault: then the first of its
# kind is taken, and where there is none, another kind is drawn.
kind_call() {
    bits=$1 link_at_work=$2 what=$3
    shift 3
    number=1 HIT=0 trials=8
    while [ "$HIT" -eq 0 ] && [ "$trials" -gt 0 ]; do
        if [ "$number" -gt 1 ]; then
            number=1
        else
            draw_word "$@"
            calls=${DRAWN%:*} error=${DRAWN#*:}
            draw "$bits"
            draw $((1 << DRAWN))
            number=$((DRAWN + 1))
        fi
        case $what in
        error) DETAIL="$calls $number $error" && kind_inject "$link_at_work" "$calls" "error=$error:when=$number" ;;
        *) DETAIL="$calls $number" && kind_inject "$link_at_work" "$calls" "$what:when=$number" ;;
        esac
        trials=$((trials - 1))
    done
}

# kind_inject LINK CALLS WHAT: HIT tells whether that came to pass within two seconds.
kind_inject() {
    link_kill "$1"
    TRACE="strace -D -f -qqq -o $WORK/trace -e trace=$2 -e signal=none -e inject=$2:$3"
    link_start "$1"
    TRACE=
    left=40
    while link_runs "$1" && ! grep -q INJECTED "$WORK/trace" 2>/dev/null && [ "$left" -gt 0 ]; do
        sleep 0.05
        left=$((left - 1))
    done
    HIT=1
    ! link_runs "$1" || grep -q INJECTED "$WORK/trace" || HIT=0
}

# Calls that fail once as a worn disk or a tired kernel lets them fail; the link may end or go on, and must not lose for it.
kind_error() {
    kind_call 6 "$1" error write:ENOSPC write:EIO fsync,fdatasync:EIO fsync,fdatasync:ENOSPC rename,renameat,renameat2:ENOSPC openat:EMFILE \
        openat:ENOSPC pwrite64:EIO ftruncate:EIO sendto:ECONNRESET sendmsg:ECONNRESET recvfrom:ECONNRESET recvmsg:ECONNRESET \
        connect:ETIMEDOUT poll,ppoll:EINTR socket:ENOBUFS mmap:ENOMEM
    draw_moment 500
    link_kill "$1" # the tracer goes with it
}

# freeze PID: for a moment, as a machine that swaps or a suspended guest.
freeze() {
    kill -STOP "$1"
    draw 2000
    DETAIL="$((DRAWN + 200)) ms"
    sleep "$(((DRAWN + 200) / 1000)).$(printf '%03d' $(((DRAWN + 200) % 1000)))"
    kill -CONT "$1"
}

# A stopped process is taken for dead, and another is started; then the first goes on. One of them ends at last.
kind_zombie() {
    stopped=$(link_pid "$1")
    kill -STOP "$stopped"
    draw_moment 300
    case $1 in
    ingest) twin=twin ;;
    *) twin=capture-twin ;;
    esac
    link_start "$twin"
    draw_moment 1500
    kill -CONT "$stopped"
    draw_moment 500
    zombie_part "$1" "$twin"
}

# Both run; the dice say which one is killed. The one that is left is the link from now on.
zombie_part() {
    draw 2
    if [ "$DRAWN" -eq 0 ] || ! link_runs "$2"; then
        DETAIL="the first goes on"
        link_kill "$2"
    else
        DETAIL="the second goes on"
        link_kill "$1"
        mv "$LINKS/$2.pid" "$LINKS/$1.pid"
    fi
}

# A stopped capture loses its connection, so that the second gets the slot; then the first goes on with what it has in memory.
kind_usurp() {
    stopped=$(link_pid capture)
    kill -STOP "$stopped"
    link_start capture-twin
    draw_moment 500
    psql -qAtc "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active" >"$WORK/psql.log" 2>&1 || :
    draw_moment 1500
    kill -CONT "$stopped"
    draw_moment 500
    zombie_part capture capture-twin
}

# What the sink is: it is stopped, so that ticks gather in the spool.
sink_stop() {
    case $CHAIN in
    clickhouse) kill -STOP "$HUB_PID" ;;
    kafka) kill -STOP "$(service_pid kafka)" ;;
    postgres | debezium) service_signal postgres INT ;;
    esac
}

sink_go_on() {
    case $CHAIN in
    clickhouse) kill -CONT "$HUB_PID" ;;
    kafka) kill -CONT "$(service_pid kafka)" ;;
    postgres | debezium) postgres_start ;;
    esac
}

# The spool is on a file system of its own (rounds.sh), which somebody else fills to the last byte while the sink is away.
kind_disk_full() {
    sink_stop
    draw_moment 500
    head -c 100000000 /dev/zero >"$SPOOL/../ballast" 2>/dev/null || :
    draw 2000
    sleep "$((DRAWN / 1000)).$(printf '%03d' $((DRAWN % 1000)))"
    draw 2
    [ "$DRAWN" -eq 0 ] || {
        DETAIL="and killed"
        link_kill ingest
        chain_mend
    }
    draw 2
    if [ "$DRAWN" -eq 0 ]; then
        DETAIL="room first${DETAIL:+, $DETAIL}"
        rm -f "$SPOOL/../ballast"
        sink_go_on
    else
        DETAIL="sink first${DETAIL:+, $DETAIL}"
        sink_go_on
        draw_moment 500
        rm -f "$SPOOL/../ballast"
    fi
}

# The ingestor is killed while ticks wait in its spool, and the newest file has the beginning of another record at its end, or noise, or
# nothing but zeros, as after a power cut.
kind_torn_spool() {
    sink_stop
    draw_moment 1000
    link_kill ingest
    newest=$(find "$SPOOL" -type f -size +0 -printf '%T@ %p\n' | sort -n | sed -n '$s/^[^ ]* //p')
    draw_word beginning noise zeros
    DETAIL=$DRAWN
    draw 300
    HIT=0
    [ -z "$newest" ] || case ${newest##*/} in
    *lock*) ;;
    *)
        HIT=1
        tear "$newest" "$DETAIL" $((DRAWN + 1))
        ;;
    esac
    chain_mend
    draw_moment 500
    sink_go_on
}

# tear FILE HOW BYTES
tear() {
    case $2 in
    beginning) head -c "$3" "$1" >"$WORK/torn" ;;
    noise) head -c "$3" /dev/urandom >"$WORK/torn" ;;
    zeros) head -c "$3" /dev/zero >"$WORK/torn" ;;
    esac
    cat "$WORK/torn" >>"$1"
}

# kind_partition PAIR
kind_partition() {
    draw_word requests replies both
    way=$DRAWN
    case $1 in
    mock-ingest) set -- "$MOCK_PORT" ;;
    ingest-hub) set -- "$HUB_PORT" ;;
    ingest-kafka) set -- "$KAFKA_PORT" ;;
    ingest-postgres) set -- "$PGPORT" 127.0.0.1 ;;
    postgres-capture) set -- "$PGPORT" "$CAPTURE_ADDRESS" ;;
    capture-kafka) set -- "$KAFKA_CAPTURE_PORT" ;;
    kafka-hub) set -- "$KAFKA_HUB_PORT" ;;
    esac
    draw 2500
    DETAIL="$way, $((DRAWN + 200)) ms"
    net_cut "$way" "$@"
    sleep "$(((DRAWN + 200) / 1000)).$(printf '%03d' $(((DRAWN + 200) % 1000)))"
    net_heal
}
