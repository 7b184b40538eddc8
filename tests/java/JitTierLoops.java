// What each tier inlines, from the log of a VM that this one starts: code for the loop of a method of its own is replaced by GCC's
// sooner than an inlined loop, so tier 1 leaves such methods alone.
// skip: stress,kill
import lib.CompileLog;

public class JitTierLoops {
    static int small(int i) {
        return i * 31 ^ i >> 3;
    }

    static int loop(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            sum += small(i) & 7;
        }
        return sum;
    }

    /** A loop by its shape only: it is left at once. */
    static int probe(int n) {
        for (;;) {
            if ((n & 1) == 0 || n > 0) {
                return n + 1;
            }
            n >>= 1;
        }
    }

    static int caller(int i) {
        return small(i) + loop(100) + probe(i);
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            int sum = 0;
            for (int i = 0; i < 20000; i++) {
                sum += caller(i);
            }
            System.out.println(sum);
            return;
        }
        for (String tier : new String[] {"quick", "gcc"}) {
            for (String line : CompileLog.inlining("JitTierLoops", ".*JitTierLoops::caller .*", "--jit-tiers=" + tier)) {
                System.out.println(tier + ": " + line);
            }
        }
    }
}
