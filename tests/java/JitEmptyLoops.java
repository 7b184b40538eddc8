/** Loops that do nothing but count: what they leave behind, up, down, in odd steps, at the ends of int and long, in nests. */
final class JitEmptyLoops {
    private static long hash;

    private static void take(long v) {
        hash = hash * 31 + v;
    }

    // ---- int: the counter and sums are used afterwards ----

    static long less(int from, int to) {
        int i = from, sum = 7;
        for (; i < to; i++) {
            sum += 5;
        }
        return i * 31L + sum;
    }

    static long lessBy3(int from, int to) {
        int i = from, sum = 0;
        long wide = 1;
        for (; i < to; i += 3) {
            sum -= to;
            wide += 1L << 33;
        }
        return i * 31L + sum + wide;
    }

    static long most(int from, int to) {
        int i = from;
        for (; i <= to; i++) {
        }
        return i;
    }

    static long mostBy5(int from, int to) {
        int i = from, count = 0;
        for (; i <= to; i += 5) {
            count++;
        }
        return i * 31L + count;
    }

    static long greater(int from, int to) {
        int i = from;
        long sum = 0;
        for (; i > to; i--) {
            sum += from;
        }
        return i * 31L + sum;
    }

    static long leastBy11(int from, int to) {
        int i = from, count = 0;
        for (; i >= to; i -= 11) {
            count += 2;
        }
        return i * 31L + count;
    }

    static long unequal(int from, int to) {
        int i = from;
        long count = 0;
        for (; i != to; i++) {
            count++;
        }
        return i * 31L + count;
    }

    static long unequalBy3(int from, int to) {
        int i = from, last = -1;
        long count = 0;
        for (; i != to; i += 3) {
            count++;
            last = i;
        }
        return i * 31L + count + last;
    }

    static long unequalDownBy6(int from, int to) {
        int i = from, count = 0;
        for (; i != to; i -= 6) {
            count++;
        }
        return i * 31L + count;
    }

    static long atTheEnd(int from, int to) {
        int i = from, before = -7;
        do {
            before = i * 2 + 1;
            i += 2;
        } while (i < to);
        return i * 31L + before;
    }

    static long inTheMiddle(int from, int to) {
        int i = from, a = 0, b = 0;
        for (;;) {
            a += 3;
            if (i >= to) {
                break;
            }
            b += a - a + 2;
            i++;
        }
        return i * 31L + a * 7L + b;
    }

    static long constants() {
        int i = 34, k;
        for (; i > 0; i -= 11) {
        }
        for (k = Integer.MAX_VALUE - 199; k < Integer.MAX_VALUE - 3; k += 7) {
        }
        return i * 31L + k;
    }

    static double others(int n, double d, Object o) {
        double sum = 0, seen = 1.5;
        int flips = 0;
        for (int i = 0; i < n; i++) {
            sum += Math.sqrt(i) * d; // not used
            seen = d;
            flips ^= i;
        }
        return seen;
    }

    // ---- long ----

    static long longLess(long from, long to) {
        long i = from;
        int count = 0;
        for (; i < to; i++) {
            count++;
        }
        return i * 31 + count;
    }

    static long longLessBy7(long from, long to) {
        long i = from, sum = 0;
        int count = 0;
        for (; i < to; i += 7) {
            sum += to;
            count += 3;
        }
        return i * 31 + sum + count;
    }

    static long longMostBy10(long from, long to) {
        long i = from, sum = 0;
        for (; i <= to; i += 10) {
            sum++;
        }
        return i * 31 + sum;
    }

    static long longLeastBy4(long from, long to) {
        long i = from;
        for (; i >= to; i -= 4) {
        }
        return i;
    }

    static long longUnequalBy12(long from, long to) {
        long i = from, count = 0;
        for (; i != to; i += 12) {
            count++;
        }
        return i * 31 + count;
    }

    static long lessByMuch(int from, int to) {
        int i = from, count = 0;
        for (; i < to; i += 0x3fffffff) {
            count++;
        }
        return i * 31L + count;
    }

    static long longMostByMuch(long from, long to) {
        long i = from, count = 0;
        for (; i <= to; i += 0x3fff_ffff_ffff_fff5L) {
            count++;
        }
        return i * 31 + count;
    }

    // ---- nests ----

    static long nest(int n, int m) {
        long sum = 0;
        int e = 3;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < m; j++) {
                sum++;
            }
            for (int k = 0; k < i; k++) {
                e++;
            }
        }
        return sum * 31 + e;
    }

    static long nestOfMost(int n, int m) {
        long sum = 0;
        int j = -1;
        for (int i = 1; i <= n; i++) {
            for (j = 1; j <= m; j++) {
                sum += 2;
            }
        }
        return sum * 31 + j;
    }

    /** What the interpreter begins and other code goes on with. */
    static long running(int n) {
        int i = 0;
        long sum = 5;
        while (i < n) {
            sum += 3;
            i += 2;
        }
        int k = n;
        for (; k != -n; k--) {
            sum -= 4;
        }
        return sum * 31 + i + k;
    }

    // ---- loops without an end ----

    private static void endless(String name, Runnable r) throws InterruptedException {
        Thread t = new Thread(r);
        t.setDaemon(true);
        t.start();
        t.join(300);
        System.out.println(name + (t.isAlive() ? " runs" : " ended"));
    }

    static void forEver(int n) {
        for (int i = 0; i <= n; i++) {
        }
    }

    static void forEverBy2(int n) {
        for (int i = 0; i != n; i += 2) {
        }
    }

    static void forEverLong(long n) {
        for (long i = n - 100; i <= n; i += 3) {
        }
    }

    private static void small(int round) {
        int n = round % 60 - 10;
        take(less(-5, n) + lessBy3(-5, n) * 3 + most(-5, n) * 5 + mostBy5(2, n) * 7);
        take(greater(20, n) + leastBy11(34, n) * 3 + unequal(n, 60) * 5 + unequalBy3(n, n + 3 * (round & 31)) * 7);
        take(unequalDownBy6(n, n - 6 * (round & 15)) + atTheEnd(-3, n) * 3 + inTheMiddle(4, n) * 5 + constants());
        take(Double.doubleToLongBits(others(n, round * 0.5, null)));
        take(longLess(-5, n) + longLessBy7(-5, n) * 3 + longMostBy10(2, n) * 5 + longLeastBy4(20, n) * 7);
        take(longUnequalBy12(n, n + 12L * (round & 31)));
        take(nest(n, round & 7) + nestOfMost(n, round & 7) * 3);
    }

    public static void main(String[] args) throws Exception {
        final int max = Integer.MAX_VALUE, min = Integer.MIN_VALUE;
        for (int round = 0; round < 3000; round++) {
            small(round);
        }
        System.out.println(hash);
        System.out.println(running(3_000_001) + " " + running(10) + " " + running(-1 & max >>> 8));
        System.out.println(less(max - 9, max) + " " + less(max, min) + " " + less(min, min + 4) + " " + less(min, min));
        System.out.println(lessBy3(max - 10, max - 3) + " " + lessBy3(max, min) + " " + lessBy3(max - 4, max - 2));
        System.out.println(most(max - 9, max - 1) + " " + most(max, min) + " " + most(min, min) + " " + most(5, 4));
        System.out.println(mostBy5(max - 19, max - 5) + " " + mostBy5(max, min) + " " + mostBy5(min, min + 1));
        System.out.println(greater(min + 9, min) + " " + greater(min, max) + " " + greater(max, max - 3));
        System.out.println(leastBy11(min + 90, min + 11) + " " + leastBy11(min, max) + " " + leastBy11(max, max));
        System.out.println(unequal(max - 3, min + 3) + " " + unequal(max, min) + " " + unequal(5, 5));
        System.out.println(unequalBy3(max - 2, min + 3) + " " + unequalBy3(0, 3_000_000));
        System.out.println(unequalDownBy6(min + 4, max - 1) + " " + unequalDownBy6(8, -4) + " " + unequalDownBy6(8, 8));
        System.out.println(atTheEnd(max - 9, max - 2) + " " + atTheEnd(7, 7) + " " + atTheEnd(max - 2, min));
        System.out.println(inTheMiddle(max - 9, max) + " " + inTheMiddle(max, min));
        long lmax = Long.MAX_VALUE, lmin = Long.MIN_VALUE;
        System.out.println(longLess(lmax - 9, lmax) + " " + longLess(lmax, lmin) + " " + longLess(-3, 3_000_000));
        System.out.println(longLessBy7(lmax - 90, lmax - 7) + " " + longLessBy7(lmax, lmin) + " " + longLessBy7(lmin, lmin + 8));
        System.out.println(longMostBy10(lmax - 90, lmax - 10) + " " + longMostBy10(lmax, lmin) + " " + longMostBy10(-7, 3_000_003));
        System.out.println(longLeastBy4(lmin + 90, lmin + 4) + " " + longLeastBy4(lmin, lmax) + " " + longLeastBy4(7, 7));
        System.out.println(longUnequalBy12(lmax - 7, lmin + 4) + " " + longUnequalBy12(3, 3) + " " + longUnequalBy12(-12, 0));
        for (int i = 0; i < 3000; i++) { // one in a hundred wraps around once or more
            take(lessByMuch(i, i % 100 == 99 ? max - 3 : i + 7) + longMostByMuch(i, i % 100 == 98 ? lmax - 100 : i - 7));
        }
        System.out.println(hash);
        endless("i <= MAX", () -> forEver(Integer.MAX_VALUE));
        endless("i != 7 by 2", () -> forEverBy2(7));
        endless("l <= MAX by 3", () -> forEverLong(Long.MAX_VALUE));
        for (int i = 0; i < 2000; i++) {
            forEver(i & 15);
            forEverBy2(i & 30);
            forEverLong(i);
        }
        endless("i <= MAX", () -> forEver(Integer.MAX_VALUE));
        endless("i != 7 by 2", () -> forEverBy2(7));
        endless("l <= MAX by 3", () -> forEverLong(Long.MAX_VALUE));
        System.exit(0);
    }
}
