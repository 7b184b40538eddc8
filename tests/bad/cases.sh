# cases.sh  The rows of tests/bad.sh: name, exit code, text, script. See there.

# --- what is on the class path ---
row missing-class 1 'Error: Could not find or load main class Nope' <<'E'
$JAVA -cp $C Nope
E
row missing-classpath 1 'Caused by: java.lang.ClassNotFoundException: Ok' <<'E'
$JAVA -cp /nonexistent Ok
E
row wrong-case 1 'java.lang.ClassNotFoundException: ok' <<'E'
$JAVA -cp $C ok
E
row name-inside 1 '(wrong name: Ok)' <<'E'
cp $C/Ok.class Other.class; $JAVA -cp . Other
E
row empty-class 1 'java.lang.ClassFormatError: Truncated class file' <<'E'
: >Ok.class; $JAVA -cp . Ok
E
row truncated-class 1 'java.lang.ClassFormatError: Truncated class file' <<'E'
head -c 100 $C/Ok.class >Ok.class; $JAVA -cp . Ok
E
row wrong-magic 1 'java.lang.ClassFormatError: Incompatible magic value' <<'E'
{ printf '\312\376\272\277'; tail -c +5 $C/Ok.class; } >Ok.class; $JAVA -cp . Ok
E
row text-as-class 1 'Incompatible magic value' <<'E'
echo 'public class Ok {}' >Ok.class; $JAVA -cp . Ok
E
row version-62 1 'has been compiled by a more recent version of the Java Runtime (class file version 62.0)' <<'E'
{ printf '\312\376\272\276\0\0\0\076'; tail -c +9 $C/Ok.class; } >Ok.class; $JAVA -cp . Ok
E
row version-65535 1 'class file version 65535' <<'E'
{ printf '\312\376\272\276\0\0\377\377'; tail -c +9 $C/Ok.class; } >Ok.class; $JAVA -cp . Ok
E
row version-44 1 'java.lang.UnsupportedClassVersionError: Ok' <<'E'
{ printf '\312\376\272\276\0\0\0\054'; tail -c +9 $C/Ok.class; } >Ok.class; $JAVA -cp . Ok
E
row huge-class 1 'java.lang.OutOfMemoryError' <<'E'
cp $C/Ok.class .; truncate -s 120M Ok.class; $JAVA -Xmx64m -cp . Ok
E
row huge-zeros 1 'java.lang.OutOfMemoryError' <<'E'
truncate -s 500M Ok.class; $JAVA -Xmx64m -cp . Ok
E
row class-directory 1 'Could not find or load main class Ok' <<'E'
mkdir Ok.class; $JAVA -cp . Ok
E
row garbage-class 1 'java.lang.ClassFormatError' <<'E'
{ head -c 8 $C/Ok.class; head -c 5000 /dev/zero | tr '\0' '\377'; } >Ok.class; $JAVA -cp . Ok
E
row no-main 1 'Main method not found in class NoMain' <<'E'
$JAVA -cp $C NoMain
E
row instance-main 1 'Main method is not static in class InstanceMain' <<'E'
$JAVA -cp $C InstanceMain
E
row int-main 1 'Main method must return a value of type void in class IntMain' <<'E'
$JAVA -cp $C IntMain
E
row private-main 1 'Main method not found in class PrivateMain' <<'E'
$JAVA -cp $C PrivateMain
E
row string-main 1 'Main method not found in class StringMain' <<'E'
$JAVA -cp $C StringMain
E
row circular 1 'java.lang.ClassCircularityError' <<'E'
class() { printf '\312\376\272\276\0\0\0\075\0\5\1\0\1%s\7\0\1\1\0\1%s\7\0\3\0\041\0\2\0\4\0\0\0\0\0\0\0\0' $1 $2 >$1.class; }
class A B; class B A; $JAVA -cp . A
E
row self-super 1 'java.lang.ClassCircularityError' <<'E'
printf '\312\376\272\276\0\0\0\075\0\3\1\0\1A\7\0\1\0\041\0\2\0\2\0\0\0\0\0\0\0\0' >A.class; $JAVA -cp . A
E
row missing-super 1 'java.lang.NoClassDefFoundError: B' <<'E'
printf '\312\376\272\276\0\0\0\075\0\5\1\0\1A\7\0\1\1\0\1B\7\0\3\0\041\0\2\0\4\0\0\0\0\0\0\0\0' >A.class; $JAVA -cp . A
E
row final-super 1 'cannot inherit from final' <<'E'
printf '\312\376\272\276\0\0\0\075\0\5\1\0\1A\7\0\1\1\0\020java/lang/String\7\0\3\0\041\0\2\0\4\0\0\0\0\0\0\0\0' >A.class; $JAVA -cp . A
E
row interface-super 1 'has interface java.lang.Runnable as super class' <<'E'
printf '\312\376\272\276\0\0\0\075\0\5\1\0\1A\7\0\1\1\0\022java/lang/Runnable\7\0\3\0\041\0\2\0\4\0\0\0\0\0\0\0\0' >A.class; $JAVA -cp . A
E
row deep-classes 0 '' <<'E'
$JAVA -cp $C DeepClasses 100; $JAVA -cp $C DeepClasses 20000
E
row prohibited-package 1 'java.lang.ClassNotFoundException: java.lang.Evil' <<'E'
mkdir -p java/lang; cp $C/Ok.class java/lang/Evil.class; $JAVA -cp . java/lang/Evil
E

# --- jars ---
row jar-ok 0 'ok 1' <<'E'
"$JDK/bin/jar" cfe a.jar Ok -C $C Ok.class; $JAVA -jar a.jar x
E
row jar-missing 1 'Error: Unable to access jarfile nope.jar' <<'E'
$JAVA -jar nope.jar
E
row jar-corrupt 1 'Error: Invalid or corrupt jarfile a.jar' <<'E'
echo this is no jar >a.jar; $JAVA -jar a.jar
E
row jar-empty 1 'Error: Invalid or corrupt jarfile a.jar' <<'E'
: >a.jar; $JAVA -jar a.jar
E
row jar-truncated 1 'Error: Invalid or corrupt jarfile b.jar' <<'E'
"$JDK/bin/jar" cfe a.jar Ok -C $C Ok.class; head -c 300 a.jar >b.jar; $JAVA -jar b.jar
E
row jar-no-main-class 1 'no main manifest attribute, in a.jar' <<'E'
"$JDK/bin/jar" cf a.jar -C $C Ok.class; $JAVA -jar a.jar
E
row jar-no-manifest 1 'Invalid or corrupt jarfile a.jar' <<'E'
"$JDK/bin/jar" cfM a.jar -C $C Ok.class; $JAVA -jar a.jar
E
row jar-main-missing 1 'Could not find or load main class Gone' <<'E'
"$JDK/bin/jar" cfe a.jar Gone -C $C Ok.class; $JAVA -jar a.jar
E
row jar-directory 1 'a.jar' <<'E'
mkdir a.jar; $JAVA -jar a.jar
E
row jar-no-argument '1|2' '-jar requires jar file specification' <<'E'
$JAVA -jar
E
row jar-corrupt-in-path 0 'ok 0' <<'E'
echo bad >a.jar; $JAVA -cp a.jar:$C Ok
E
row jar-corrupt-entry 1 'Ok' <<'E'
"$JDK/bin/jar" cfe a.jar Ok -C $C Ok.class
at=$(grep -abo Ok.class a.jar | head -n 1 | cut -d: -f1)
{ head -c $((at + 20)) a.jar; head -c 60 /dev/zero | tr '\0' '\377'; tail -c +$((at + 81)) a.jar; } >b.jar
$JAVA -jar b.jar
E
row unreadable 1 '' <<'E'
cp $C/Ok.class .; chmod 000 Ok.class; chmod 755 .
[ "$(id -u)" != 0 ] || { echo "Could not find (root reads all)"; exit 1; }
$JAVA -cp . Ok
E

# --- options ---
row option-unknown 1 'Unrecognized option: -foo' <<'E'
$JAVA -foo -cp $C Ok
E
row option-unknown-long 1 'Unrecognized option: --foo' <<'E'
$JAVA --foo -cp $C Ok
E
# HotSpot refuses unknown -XX flags; moka takes scripts written for other VMs with a warning (docs/options.md).
row option-xx 0 'ignoring option -XX:+NoSuchThing' <<'E'
$JAVA -XX:+NoSuchThing -cp $C Ok
E
row option-xx-ignored 0 'ok 0' <<'E'
$JAVA -XX:+IgnoreUnrecognizedVMOptions -XX:+NoSuchThing -cp $C Ok
E
row option-tiers 0 'in tier 2 (GCC)               0' <<'E'
$JAVA -Xcomp --jit-tiers=gcc -XX:TieredStopAtLevel=1 --stats -cp $C Ok
E
row xmx-garbage 1 'Invalid maximum heap size: -Xmxfoo' <<'E'
$JAVA -Xmxfoo -cp $C Ok
E
row xmx-empty 1 'Invalid maximum heap size: -Xmx' <<'E'
$JAVA -Xmx -cp $C Ok
E
row xmx-negative 1 'Invalid maximum heap size: -Xmx-5m' <<'E'
$JAVA -Xmx-5m -cp $C Ok
E
row xmx-overflow 1 'heap size' <<'E'
$JAVA -Xmx99999999999999999999g -cp $C Ok
E
row xmx-small 1 'Too small maximum heap' <<'E'
$JAVA -Xmx1k -cp $C Ok 2> /dev/null
E
# The guest is 32 bits wide: 3 GB is all there is.
own xmx-over-3g 1 'Xmx' <<'E'
$JAVA -Xmx100g -cp $C Ok
E
row xms-over-xmx 1 'Initial heap size set to a larger value than the maximum heap size' <<'E'
$JAVA -Xms64m -Xmx32m -cp $C Ok
E
row xss-small 1 'stack size specified is too small' <<'E'
$JAVA -Xss1k -cp $C Ok
E
row xss-garbage 1 'Invalid thread stack size: -Xssq' <<'E'
$JAVA -Xssq -cp $C Ok
E
row xss-huge 1 'Invalid thread stack size: -Xss4g' <<'E'
$JAVA -Xss4g -cp $C Ok
E
own mmu-foo 1 'mmu' <<'E'
$JAVA --mmu=foo -cp $C Ok
E
own large-pages-foo 1 'large-pages' <<'E'
$JAVA --large-pages=2 -cp $C Ok
E
own no-libgccjit 0 'no libgccjit' <<'E'
mkdir lib; cp "$JAVA" moka; cp -r "${JAVA%/*}"/lib/libjvm.so "${JAVA%/*}"/lib/java lib/
./moka -Xcomp --jit-tiers=gcc -cp $C Ok
E
own gc-stress-foo 1 'gc-stress' <<'E'
$JAVA --gc-stress=foo -cp $C Ok
E
row cp-no-argument 1 '-cp requires class path specification' <<'E'
$JAVA -cp
E
row no-arguments 1 'Usage: java [options] <mainclass> [args...]' <<'E'
$JAVA
E
row module-no-argument '1|2' '-m requires module name' <<'E'
$JAVA -m
E
row module-missing 1 'java.lang.module.FindException: Module no.such not found' <<'E'
$JAVA -m no.such/Main
E
row module-bad-path 1 'java.lang.module.FindException' <<'E'
echo x >a.jar; $JAVA -p a.jar -m a/B
E
row module-error-stdout 1 'module.FindException: Module no.such not found' <<'E'
$JAVA -m no.such/Main 2>err; rc=$?; [ -s err ] && exit 99; exit $rc
E
row add-modules-missing 1 'Module nope not found' <<'E'
$JAVA --add-modules nope -cp $C Ok
E
row add-opens-warning 0 'WARNING: Unknown module: nope specified to --add-opens' <<'E'
$JAVA --add-opens nope/x=ALL-UNNAMED -cp $C Ok
E
row argfile-missing 1 "could not open \`nope'" <<'E'
$JAVA @nope -cp $C Ok
E
row argfile-directory 1 '' <<'E'
mkdir d; $JAVA @d -cp $C Ok
E
row argfile-quotes 0 'ok 3' <<'E'
printf -- '-cp "%s" # comment\n  Ok '"'a b'"' \\\n c' "$C" >args; $JAVA @args
E
row options-variable 1 'Unrecognized option: -bad' <<'E'
JDK_JAVA_OPTIONS=-bad $JAVA -cp $C Ok
E
row source-missing 1 'Nope.java' <<'E'
$JAVA Nope.java
E
row source-broken 1 'error: compilation failed' <<'E'
echo 'class A { void' >A.java; $JAVA A.java
E

# --- the machine around the VM ---
own jdk-missing 1 '/nonexistent' <<'E'
$JAVA --jdk=/nonexistent -cp $C Ok
E
own jdk-none '0|1' '' <<'E'
env -i PATH=/nonexistent JAVA_HOME= $JAVA -cp $C Ok
E
own jdk-other-version 1 '21' <<'E'
mkdir -p jdk/lib/server; printf 'JAVA_VERSION="21.0.1"\n' >jdk/release; cp -rs $JDK/lib jdk/ 2>/dev/null; $JAVA --jdk=$PWD/jdk -cp $C Ok
E
own jdk-file 1 'jdk' <<'E'
: >jdk; $JAVA --jdk=$PWD/jdk -cp $C Ok
E
own jdk-broken-modules 1 'modules' <<'E'
mkdir -p jdk/lib; cp $JDK/release jdk/; echo broken >jdk/lib/modules; $JAVA --jdk=$PWD/jdk -cp $C Ok
E
row stdout-closed 0 'true' <<'E'
$JAVA -cp $C WriteOut >&- </dev/null
E
row stdout-full 0 'true' <<'E'
$JAVA -cp $C WriteOut >/dev/full </dev/null
E
row stdin-closed 0 'lost' <<'E'
$JAVA -cp $C WriteOut <&-
E
row stderr-closed 1 '' <<'E'
$JAVA -cp $C Nope 2>&-
E
own low-address-taken '0|1' '' <<'E'
cc -shared -fPIC -o low.so $here/tests/bad/lowmap.c || exit 99
for at in 0x10000000 0x20000000 0x40000000 0x80000000 0xc0000000; do LOWMAP=$at LD_PRELOAD=$PWD/low.so $JAVA -cp $C Ok || exit 1; done
E
own memory-limit '0|1' '' <<'E'
ulimit -v 400000; $JAVA -Xmx256m -cp $C Ok
E
row file-limit 0 'ok 0' <<'E'
ulimit -n 20; $JAVA -cp $C Ok
E
row deleted-directory '0|1' '' <<'E'
mkdir gone; cd gone; rmdir ../gone; $JAVA -cp $C Ok
E

# --- ends ---
row throws-main 1 'Caused by: java.lang.Error: cause' <<'E'
$JAVA -cp $C ThrowsMain
E
row bad-init 1 'java.lang.ExceptionInInitializerError' <<'E'
$JAVA -cp $C BadInit
E
row exit-in-clinit 7 '' <<'E'
$JAVA -cp $C ExitIn
E
row halt 9 '' <<'E'
$JAVA -cp $C Halt
E
row hook-throws 3 'java.lang.IllegalStateException: bad hook' <<'E'
$JAVA -cp $C HookExits
E
row handler-throws 1 'goes on' <<'E'
$JAVA -cp $C Handler
E
row finalizer-throws 0 'finalized' <<'E'
$JAVA -cp $C Finals
E
row cleaner-throws 1 'Exception in thread "Reference Handler"' <<'E'
$JAVA -cp $C Cleaning >o 2>&1; cat o; grep -q cleaned o && { echo 'Exception in thread "Reference Handler"'; exit 1; }
E
for signal in TERM:143 INT:130 HUP:129; do
    row sig-$signal ${signal#*:} 'hook ran' <<E
\$JAVA -cp \$C Hooks >o & p=\$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 0.3; grep -q ready o && break; done
# A shell starts its background jobs with SIGINT ignored, and so does the VM keep it.
kill -${signal%:*} \$p; [ ${signal%:*} != INT ] || { sleep 0.5; kill -TERM \$p; }
wait \$p; s=\$?; cat o; [ ${signal%:*} != INT ] || [ \$s != 143 ] || s=130; exit \$s
E
done
row deadlock-dump 0 'Found one Java-level deadlock' <<'E'
$JAVA -cp $C Deadlock >o 2>&1 & p=$!
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 0.3; grep -q ready o && break; done
kill -QUIT $p; wait $p; s=$?; cat o; grep -q 'went on BLOCKED' o && grep -q 'Full thread dump' o || exit 50; exit $s
E

# --- too deep, too much ---
row recurse 1 'java.lang.StackOverflowError' <<'E'
$JAVA -cp $C Recurse 2>&1 | head -n 3; $JAVA -cp $C Recurse 2>/dev/null
E
row recurse-caught 0 'caught true1024' <<'E'
$JAVA -cp $C RecurseCaught
E
row recurse-reflection 0 'caught true' <<'E'
$JAVA -cp $C RecurseReflect
E
row recurse-sort 0 'caught' <<'E'
$JAVA -cp $C RecurseSort
E
row recurse-to-string 0 'caught2' <<'E'
$JAVA -cp $C RecurseToString
E
row recurse-thread 0 'goes on' <<'E'
$JAVA -cp $C RecurseThread
E
row recurse-loader 0 'caught' <<'E'
$JAVA -cp $C RecurseInit
E
row recurse-finally 0 'n true' <<'E'
$JAVA -cp $C RecurseFinally
E
row recurse-lock 0 'free' <<'E'
$JAVA -cp $C RecurseLock
E
row recurse-big-stack 0 'caught true1024' <<'E'
$JAVA -Xss64m -cp $C RecurseCaught
E
row exhaust-exit 3 'Terminating due to java.lang.OutOfMemoryError: Java heap space' <<'E'
$JAVA -Xmx32m -XX:+ExitOnOutOfMemoryError -cp $C Exhaust
E
row exhaust-command 1 '100% of 2 ran' <<'E'
$JAVA -Xmx32m -XX:OnOutOfMemoryError='exit 1;echo 100%% of %p | sed "s/[0-9]*$/2 ran/"' -cp $C Exhaust
E
row exhaust 1 'java.lang.OutOfMemoryError: Java heap space' <<'E'
$JAVA -Xmx32m -cp $C Exhaust
E
row exhaust-crash 134 'Aborting due to java.lang.OutOfMemoryError: Java heap space' <<'E'
ulimit -c 0; $JAVA -Xmx32m -XX:+CrashOnOutOfMemoryError -cp $C Exhaust >out 2>&1; rc=$?; head -n 1 out; exit $rc
E
row exhaust-small 0 'caught true1048576' <<'E'
$JAVA -Xmx32m -cp $C ExhaustSmall
E
row exhaust-threads 0 'done 24' <<'E'
$JAVA -Xmx64m -cp $C ExhaustThreads
E
row exhaust-uncaught 0 'goes on' <<'E'
$JAVA -Xmx32m -cp $C ExhaustUncaught
E
row huge-array 1 'Requested array size exceeds VM limit' <<'E'
$JAVA -Xmx64m -cp $C HugeArray
E
row many-threads 0 'joined' <<'E'
$JAVA -Xmx64m -cp $C ManyThreads 1500
E
row thread-limit 0 'joined' <<'E'
ulimit -v 60000000; $JAVA -Xss1m -cp $C ManyThreads 300
E
row direct-memory 0 'caught true' <<'E'
$JAVA -Xmx64m -XX:MaxDirectMemorySize=64m -cp $C DirectMemory
E
