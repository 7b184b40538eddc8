/**
 * What all benchmark programs share: {@code main(size, repetitions)}, the checksum line, the times.
 *
 * A program extends Bench, does its whole work in {@link #run} (set-up included) and returns a checksum that depends on
 * the size only. Standard output is one line, {@code Name size checksum}. With -Dbench.times=true every repetition's
 * time goes to standard error as {@code rep i ms}.
 *
 * No lambda, no String.format here: what this class drags in is paid by every program.
 */
abstract class Bench {
    /** Does the work of one repetition; the result must depend on {@code size} only. */
    abstract long run(int size) throws Exception;

    static void main(Bench program, String[] args, int defaultSize) throws Exception {
        int size = args.length > 0 ? Integer.parseInt(args[0]) : defaultSize;
        int repetitions = args.length > 1 ? Integer.parseInt(args[1]) : 1;
        boolean times = Boolean.getBoolean("bench.times");
        String name = program.getClass().getName();
        long checksum = 0;
        for (int i = 0; i < repetitions; i++) {
            long start = System.nanoTime();
            long result = program.run(size);
            long us = (System.nanoTime() - start) / 1000;
            if (times) {
                System.err.println("rep " + i + " " + us / 1000.0);
            }
            if (i > 0 && result != checksum) {
                System.err.println(name + ": repetition " + i + " gave " + Long.toHexString(result) + " instead of "
                        + Long.toHexString(checksum));
                System.exit(1);
            }
            checksum = result;
        }
        System.out.println(name + " " + size + " " + Long.toHexString(checksum));
    }

    /** Folds a value into a checksum; bench/c/bench.h has the same function. */
    static long mix(long hash, long value) {
        hash = (hash ^ value) * 0x9E3779B97F4A7C15L;
        return hash ^ (hash >>> 29);
    }

    static long mix(long hash, double value) {
        return mix(hash, Double.doubleToRawLongBits(value));
    }

    static long mix(long hash, String text) {
        return mix(mix(hash, text.length()), text.hashCode());
    }

    /** A 48-bit linear congruential generator, the same in Java and C. */
    static final class Random {
        private long state;

        Random(long seed) {
            state = (seed ^ 0x5DEECE66DL) & 0xFFFFFFFFFFFFL;
        }

        int next(int bits) {
            state = (state * 0x5DEECE66DL + 11) & 0xFFFFFFFFFFFFL;
            return (int) (state >>> (48 - bits));
        }

        int below(int bound) {
            return next(30) % bound;
        }

        double real() {
            return next(31) * (1.0 / 2147483648.0);
        }
    }
}
