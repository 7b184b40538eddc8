#!/bin/bash
# kill-workers.sh PID [SEED]   kills compile workers of the VM that PID (a shell) has started, at random times, until PID is gone.
#
# Workers are forks of the VM: children of it that run the same file. What the program itself starts is left alone.
root=$1
RANDOM=${2:-1}
while kill -0 "$root" 2>/dev/null; do
    sleep "$(printf 0.%03d $((RANDOM % 80 + 5)))"
    for shell in "$root" $(pgrep -P "$root"); do # the VM runs under timeout, maybe in a subshell
        for vm in $(for t in $(pgrep -P "$shell" -x timeout); do pgrep -P "$t"; done); do
            for worker in $(pgrep -P "$vm"); do
                [ "$(readlink "/proc/$worker/exe")" = "$(readlink "/proc/$vm/exe")" ] || continue
                [ $((RANDOM % 2)) = 0 ] || kill -KILL "$worker" 2>/dev/null
            done
        done
    done
done
