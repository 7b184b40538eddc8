// The JDK's native libraries name libjvm.so as a library they need and ask for symbol version SUNWprivate_1.1 in it.
// moka loads this empty one first, so that both wishes are met; the JVM_* functions themselves are found in the
// executable (linked with -rdynamic), to which the dynamic linker falls back.
int moka_libjvm_stub;
