#!/bin/sh
# run.sh [--configs LIST | --jit] [--record] [PATTERN...]   runs the Java programs tests/java/*.java under moka.
#
# Each program runs in every configuration (LIST: names out of the table below, split by commas) and must print
# on stdout what tests/java/NAME.expected holds, whose last line "exit N" is the exit code. --record writes those
# files with the JDK's own java. PATTERN is a shell pattern of program names; without one, the tables of bad input
# (tests/bad.sh) and the fuzz loop (tests/fuzz/fuzz.sh) run too. --jit: the longer list of configurations of the compiler
# (make check-jit), and nothing else.
#
# A program's source may say, in comment lines at its head:
#   // options: ...      options of the VM          // args: ...       arguments of the program
#   // gc-stress: N      N of --gc-stress (2000)    // timeout: N      seconds (60)
#   // skip: LIST        configurations left out, with the reason in the lines around it
#   // main: ...         what to run instead of "-cp CLASSES NAME"; @S@ is the source, @C@ the classes
#
# Environment: MOKA (build/moka), JDK (the home of the JDK; that of javac on the PATH), JOBS (programs at a time, 2).
cd "$(dirname "$0")/.." || exit 2
MOKA=${MOKA:-$PWD/build/moka}
JDK=${JDK:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
export MOKA JDK
out=${TESTS_OUT:-$PWD/build/tests} # two runs at a time need two of these
export TESTS_OUT="$out"
classes=$out/java

# header WORD FILE: the rest of the comment line "// WORD: ..." of FILE
header() { sed -n "1,20s|^// $1: *||p" "$2" | head -n 1; }

# Where a thread waits for each compilation, a program takes ten times as long, most of it for code of the JDK. These
# configurations are for the programs that are about the language and compiled code:
waiting="comp gcc batch no-* opt? block chain"
compiled="Jit* Exits Bytecodes Exceptions Lambdas IntMath FloatMath ArrayErrors Stacks InitOrder Types17"

# one_of WORD PATTERNS: does one of the patterns match?
one_of() (
    set -f
    for p in $2; do
        # shellcheck disable=SC2254
        case $1 in $p) return 0 ;; esac
    done
    return 1
)

# fits PROGRAM CONFIG: do they go together?
fits() {
    one_of "$2" "$waiting" || return 0
    one_of "$1" "$compiled"
}

# jit_configs: those of make check-jit
jit_configs() {
    sed -n 's/^PASS(\([a-z0-9]*\),.*/no-\1/p' jit/passes.def
    echo no-all opt0 opt1 opt2 opt3 block chain kill
}

# options_of CONFIG SOURCE: the options that make the configuration
options_of() {
    case $1 in
    default) ;;
    int) echo -Xint ;;
    comp) echo -Xcomp ;;
    jit) echo --jit-threshold=50 --jit-upgrade=200 ;; # much is compiled early, with little profile
    quick) echo -Xcomp --jit-tiers=quick --jit-verify ;; # the quick generator alone
    gcc) echo -Xcomp --jit-tiers=gcc ;;                  # GCC alone
    batch) echo -Xbatch --jit-threshold=200 --jit-upgrade=1000 --jit-verify ;;
    flat) echo --mmu=flat --large-pages=off ;;
    soft) echo --mmu=soft --jit-threshold=50 ;;
    stress) n=$(header gc-stress "$2"); echo "--gc-stress=${n:-2000} --jit-threshold=50" ;;
    collect) echo "--gc-threshold=200k --jit-threshold=50" ;; # many collections, but the allocation of every day
    no-*) echo "-Xbatch --jit-threshold=200 --jit-upgrade=1000 --passes=-${1#no-}" ;;
    opt?) echo "-Xbatch --jit-threshold=200 --jit-upgrade=1000 --jit-opt=${1#opt}" ;;
    block | chain) echo "-Xbatch --jit-threshold=200 --jit-upgrade=1000 --jit-unit=$1" ;;
    kill) echo --jit-threshold=50 ;; # while tests/kill-workers.sh kills the compiler
    *) echo "run.sh: no configuration $1" >&2; return 1 ;;
    esac
}

# run_program VM NAME OPTIONS...: stdout and the line "exit N"; stderr goes to descriptor 2
run_program() {
    vm=$1 name=$2
    shift 2
    source=$PWD/tests/java/$name.java
    main=$(header main "$source" | sed "s|@S@|$source|g; s|@C@|$classes|g")
    limit=$(header timeout "$source")
    work=$out/work/$name.$$
    mkdir -p "$work"
    # shellcheck disable=SC2046,SC2086
    (cd "$work" && unset JDK_JAVA_OPTIONS JAVA_TOOL_OPTIONS && TZ=UTC LC_ALL=C.UTF-8 JDK=$JDK \
        timeout -s KILL "$((${limit:-60} * ${patience:-1}))" "$vm" -Xmx256m "$@" $(header options "$source" | sed "s|@C@|$classes|g") \
        ${main:--cp "$classes" "$name"} $(header args "$source") </dev/null)
    code=$?
    rm -rf "$work"
    echo
    echo "exit $code"
}

# One job (internal): NAME CONFIG; prints one line
if [ "$1" = --one ]; then
    name=$2 config=$3
    log=$out/logs/$name.$config
    ! one_of "$config" "$waiting kill" || patience=5
    [ "$config" != kill ] || tests/kill-workers.sh $$ "$(echo "$name" | cksum | cut -d' ' -f1)" >/dev/null 2>&1 &
    # shellcheck disable=SC2046
    run_program "$MOKA" "$name" $(options_of "$config" "tests/java/$name.java") >"$log.out" 2>"$log.err"
    if cmp -s "$log.out" "tests/java/$name.expected"; then
        echo "ok   $name $config" >"$log.result"
        rm -f "$log.out" "$log.err"
    else
        {
            echo "FAIL $name $config"
            diff "tests/java/$name.expected" "$log.out" | head -n 10 | cut -c1-300
            grep -v '^[[:space:]]*at ' "$log.err" | head -n 8 | cut -c1-300
        } >"$log.result"
    fi
    cat "$log.result"
    exit 0
fi

configs=default,int,comp,jit,quick,gcc,batch,flat,soft,stress,collect record='' only=''
while :; do
    case $1 in
    --configs) configs=$2; shift 2 ;;
    --configs=*) configs=${1#*=}; shift ;;
    --jit) configs=$(jit_configs | tr '\n ' ',,') only=1; shift ;;
    --record) record=1; shift ;;
    --*) echo "run.sh: no option $1" >&2; exit 2 ;;
    *) break ;;
    esac
done

mkdir -p "$out" && exec 9>"$out/lock" && flock 9 || exit 2 # another run here: wait for it
rm -rf "$out/logs"
mkdir -p "$out/logs" "$classes" || exit 2
"$JDK/bin/javac" -nowarn -Xlint:none -XDignore.symbol.file -parameters -g -proc:none -d "$classes" tests/java/*.java tests/java/lib/*.java \
    >"$out/javac.log" 2>&1 || { cat "$out/javac.log"; echo "0 passed, 1 failed"; exit 1; }

names=
for source in tests/java/*.java; do
    name=$(basename "$source" .java)
    [ $# -gt 0 ] || { names="$names $name"; continue; }
    for pattern; do
        # shellcheck disable=SC2254
        case $name in $pattern) names="$names $name"; break ;; esac
    done
done

if [ "$record" ]; then
    for name in $names; do
        run_program "$JDK/bin/java" "$name" >"tests/java/$name.expected" 2>"$out/logs/$name.err"
        echo "$name $(tail -n 1 "tests/java/$name.expected")"
    done
    exit 0
fi

for name in $names; do
    for config in $(echo "$configs" | tr , ' '); do
        fits "$name" "$config" || continue
        case ,$(header skip "tests/java/$name.java"), in *",$config,"*) ;; *) echo "$name $config" ;; esac
    done
done | xargs -P "${JOBS:-2}" -L 1 tests/run.sh --one | grep -v '^ok'
passed=$(cat "$out"/logs/*.result 2>/dev/null | grep -c '^ok ')
failed=$(cat "$out"/logs/*.result 2>/dev/null | grep -c '^FAIL ')

# add COMMAND...: runs a suite that ends with "N passed, N failed" and adds its numbers
add() {
    "$@" 2>&1 | tee "$out/suite.log" | sed '$d'
    line=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$out/suite.log")
    [ "$line" ] || { echo "FAIL $1 ended without its sums"; line="0 1"; }
    passed=$((passed + ${line% *})) failed=$((failed + ${line#* }))
}
if [ $# = 0 ] && [ ! "$only" ]; then
    [ ! -x tests/bad.sh ] || add tests/bad.sh
    [ ! -x tests/fuzz/fuzz.sh ] || add tests/fuzz/fuzz.sh
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
