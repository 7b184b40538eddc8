// What is too large to be brought in for nothing, from the log of a VM that this one starts: a callee that is called once where the rest
// runs thousands of times, and one that loops for long and has code of tier 2 already.
// skip: stress,kill
import lib.CompileLog;

public class JitColdCalls {
    static int mix(int a, int b) {
        return a * 31 ^ b >>> 3;
    }

    /** Larger than what is always brought in. */
    static int once(int[] table, int seed) {
        int x = seed | 1;
        for (int i = 0; i < table.length; i++) {
            x ^= x << 13;
            x ^= x >>> 17;
            x ^= x << 5;
            table[i] = x;
        }
        return mix(x, table.length);
    }

    static int loops(int[] table, int seed) {
        int x = seed;
        for (int i = 0; i < table.length; i++) {
            x = mix(x, table[i]);
            if ((x & 1) == 0) {
                x += table[table.length - 1 - i];
            } else {
                x -= i;
            }
        }
        return x;
    }

    static int root(int seed) {
        int[] table = new int[64];
        int x = once(table, seed);
        for (int i = 0; i < 5000; i++) {
            x = mix(x, loops(table, x));
        }
        return x;
    }

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            int x = 1;
            int[] table = new int[64];
            for (int i = 0; i < 3000; i++) {
                x += loops(table, i);
            }
            for (int i = 0; i < 60; i++) {
                x += root(x);
            }
            System.out.println(x);
            return;
        }
        for (String line : CompileLog.inlining("JitColdCalls", ".* 2  +JitColdCalls::root \\(.*")) {
            System.out.println(line);
        }
    }
}
