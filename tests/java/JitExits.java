// options: -XX:-OmitStackTraceInFastThrow
/**
 * Compiled code that cannot go on: what was computed, what is on the operand stack, which locks are held, and objects that were
 * not made so far must be there when the interpreter continues.
 */
public class JitExits {
    static int sink;
    static Object kept;
    static final Object LOCK = new Object();

    static int rare(int x) { return x % 500 == 499 ? 1 : 0; }
    static int inner(int[] a, int i, int x) { return a[i] * x + 1; }
    static int middle(int[] a, int i, int x) { return x + inner(a, i, x + 1) * 2 + x; }
    static int outer(int[] a, int i, int x) { return x * 3 - (middle(a, i, x) ^ (x << 2)) + i; }

    static int operands(int[] a, int i, int x, long l, double d, float f) {
        return (int) (l * 3 + (long) (d * 2 + (f + (x - a[i]) * f)) + (l ^ a[i + 1] / (x - 250)));
    }

    static int locals(int n, int[] a) {
        int i1 = n, i2 = n * 2;
        long l1 = n * 3L, l2 = ~l1;
        float f1 = n / 2f;
        double d1 = n / 3.0;
        Object o = a;
        if (rare(n) == 1) {
            sink += i1 + i2 + (int) l1 + (int) l2 + (int) f1 + (int) d1 + ((int[]) o).length;
        }
        return i1 ^ i2 ^ (int) (l1 * l2) ^ (int) (f1 * d1) ^ o.getClass().getName().length();
    }

    static synchronized int lockedMethod(int[] a, int i) { return a[i] + (Thread.holdsLock(JitExits.class) ? 1 : 0); }
    static int lockedCaller(int[] a, int i) { synchronized (LOCK) { return lockedMethod(a, i) + nested(a, i); } }
    static int nested(int[] a, int i) {
        synchronized (a) { synchronized (LOCK) { synchronized (a) { return a[i] + (Thread.holdsLock(a) && Thread.holdsLock(LOCK) ? 1 : 0); } } }
    }

    static final class Pair {
        int a;
        long b;
        Pair next;
        byte c;
        double d;
        Pair(int a, long b) { this.a = a; this.b = b; }
        int sum() { return a + (int) b + c + (int) d + (next == null ? 0 : next.a); }
    }

    /** The objects are not made unless the way through `rare` is taken. */
    static int virtual(int n, int[] a, int i) {
        Pair p = new Pair(n, n * 2L), q = new Pair(3, 4);
        p.next = q;
        q.next = p;
        p.c = (byte) n;
        p.d = n / 2.0;
        if (rare(n) == 1) { kept = p; }
        int s = p.sum() + a[i];
        q.a += s;
        synchronized (q) { s += q.a + a[i]; }
        return s + p.next.a;
    }

    static int virtualArray(int n, int[] a, int i) {
        int[] t = {n, n + 1, n + 2};
        Integer boxed = n * 3;
        t[1] += a[i];
        if (rare(n) == 1) { kept = t; sink += boxed; }
        return t[0] * 3 + t[1] + t[2] + boxed;
    }

    static int onlyNow(int x) { return x * 5 + sink; }

    static int coldPath(int x) {
        int r = x;
        if (x > 1200) { r = onlyNow(x) + new StringBuilder().append(x).length(); }
        return r;
    }

    static int coldSwitch(int x) {
        switch (x > 1000 ? x % 9 : x % 2) {
            case 0: return 1;
            case 1: x += 3;
            case 2: return x;
            case 5: throw new IllegalStateException("5");
            default: return -x;
        }
    }

    /** A loop in a loop, entered in the middle, left by a rare way. */
    static long osr(int n, int[] a, int bad) {
        long h = 0;
        for (int i = 0; i < n; i++) {
            long own = i * 3L;
            for (int k = 0; k < 20; k++) {
                try {
                    own += a[(i + k) % bad] ^ k;
                } catch (ArrayIndexOutOfBoundsException e) {
                    h = h * 31 + own + e.getMessage().length() + k;
                    break;
                }
            }
            h = h * 31 + own;
        }
        return h;
    }

    static synchronized long osrLocked(int n, int[] a) {
        long h = 0;
        for (int i = 0; i < n; i++) {
            synchronized (a) {
                h += a[i % 20];
                if (i % 4000 == 3999) { h += Thread.holdsLock(a) && Thread.holdsLock(JitExits.class) ? 1 : 1000; }
            }
        }
        return h + a[n];
    }

    interface Round { long run(int r); }

    static void test(String name, Round f) {
        long h = 0;
        int bad = 0;
        String last = "";
        for (int r = 0; r < 2500; r++) {
            try {
                h = h * 31 + f.run(r);
            } catch (RuntimeException e) {
                bad++;
                last = e.getClass().getSimpleName() + ": " + e.getMessage();
                for (StackTraceElement s : e.getStackTrace()) {
                    h = h * 31 + s.getMethodName().hashCode() + s.getLineNumber();
                    last += " " + s.getMethodName() + ":" + s.getLineNumber();
                    if (s.getMethodName().equals("test")) { break; }
                }
            }
            if (Thread.holdsLock(LOCK) || Thread.holdsLock(JitExits.class)) { System.out.println(name + ": locked " + r); }
        }
        System.out.println(name + " " + Long.toHexString(h) + " " + bad + " " + last.replaceAll("lambda\\$main\\$\\d+", "lambda") + " " + sink);
        sink = 0;
    }

    public static void main(String[] args) {
        int[] a = new int[20];
        for (int i = 0; i < 20; i++) { a[i] = i * i - 50; }
        test("inlined", r -> outer(a, r > 1000 && r % 100 == 7 ? 20 : r % 20, r));
        test("inlined null", r -> outer(r > 1000 && r % 100 == 7 ? null : a, r % 20, r));
        test("operands", r -> operands(a, r > 1000 && r % 100 == 7 ? 19 : r % 19, r, r * 7L, r / 3.0, r / 5f));
        test("locals", r -> locals(r, a));
        test("locks", r -> lockedCaller(a, r > 1000 && r % 100 == 7 ? -1 : r % 20));
        test("nested locks", r -> nested(a, r > 1000 && r % 100 == 7 ? -1 : r % 20) + (Thread.holdsLock(a) ? 7 : 0));
        test("virtual", r -> {
            int v = virtual(r, a, r > 1000 && r % 100 == 7 ? 20 : r % 20);
            Pair p = (Pair) kept;
            return p == null ? v : v + p.sum() + p.next.sum() + (p.next.next == p ? 1 : 2);
        });
        kept = null;
        test("virtual array", r -> virtualArray(r, a, r > 1000 && r % 100 == 7 ? 20 : r % 20) + (kept == null ? 0 : ((int[]) kept)[1]));
        test("cold path", r -> coldPath(r));
        test("cold switch", r -> coldSwitch(r));
        System.out.println(osr(3000, a, 20) + " " + osr(3000, a, 21) + " " + osr(300, a, 25));
        try {
            System.out.println(osrLocked(10000, a));
        } catch (ArrayIndexOutOfBoundsException e) {
            System.out.println(e.getMessage() + " " + e.getStackTrace()[0] + " " + Thread.holdsLock(JitExits.class) + Thread.holdsLock(a));
        }
    }
}
