// options: -XX:-OmitStackTraceInFastThrow
import java.util.ArrayList;
import java.util.List;

/** Compiled exception handlers: which one catches, what its locals hold, locks and traces on the way there. */
public class JitHandlers {
    static class A extends Exception {
        final int n;
        A(int n) { super("A" + n); this.n = n; }
    }
    static class B extends A { B(int n) { super(n); } }
    static class C extends Exception { C(String s) { super(s); } }
    static final class Light extends RuntimeException {
        final int code;
        Light(int code) { super(null, null, false, false); this.code = code; }
    }

    static int fails(int x) throws A, C {
        switch (x % 6) {
        case 1: throw new A(x);
        case 2: throw new B(x);
        case 3: throw new C("c" + x);
        case 4: throw new IllegalStateException("i" + x);
        default: return x;
        }
    }

    /** Locals at the throwing instruction, in a loop that goes on in the handler. */
    static long locals(int x) {
        long sum = 0;
        double d = 1.5;
        String last = "none";
        for (int i = 0; i < 12; i++) {
            int step = i;
            try {
                step += 100;
                sum += fails(x + i);
                step += 1000;
                d += step;
                last = "normal";
            } catch (B e) {
                sum = sum * 3 + step + e.n;
                last = e.getMessage();
                continue;
            } catch (A e) {
                sum = sum * 5 + step + e.n;
                d *= 1.25;
            } catch (C e) {
                sum = sum * 7 + step + e.getMessage().length();
                last = "c";
                if (i == 7) { break; }
            } catch (RuntimeException e) {
                sum = sum * 11 + step;
            } finally {
                sum ^= i;
            }
            sum += last.length() + (long) d;
        }
        return sum;
    }

    /** Thrown and caught in one compilation. */
    static int jump(int x) {
        int r = 0;
        try {
            if (x % 3 == 0) { throw new Light(x); }
            r = 1;
            if (x % 3 == 1) { throw new IllegalArgumentException("x" + x); }
            r = 2;
        } catch (Light e) {
            r += e.code + 10;
        } catch (IllegalArgumentException e) {
            r += 20 + e.getMessage().length();
        }
        return r;
    }

    static int thrower(int x) {
        if ((x & 1) == 0) { throw new Light(x); }
        return x;
    }
    static int between(int x) { return thrower(x) + 1; }
    static int acrossInlined(int x) {
        try {
            return between(x) * 2;
        } catch (Light e) {
            return -e.code;
        }
    }

    private int depth;
    synchronized int locked(int x) throws A {
        depth++;
        if (x % 4 == 0) { throw new A(x); }
        depth--;
        return x + depth;
    }
    static synchronized int lockedStatic(int x) throws A {
        if (x % 4 == 1) { throw new B(x); }
        return x;
    }
    /** Locks of inlined methods and of blocks are given back. */
    int locks(int x) {
        int r = 0;
        try {
            r += locked(x);
            synchronized (this) {
                r += lockedStatic(x);
                r += 5 / (x % 7);
            }
        } catch (B e) {
            r += 100 + e.n;
        } catch (A e) {
            r += 200 + e.n;
            depth = 0;
        } catch (ArithmeticException e) {
            r += 300;
        }
        return r + (Thread.holdsLock(this) ? 1 << 20 : 0) + (Thread.holdsLock(JitHandlers.class) ? 1 << 21 : 0);
    }
    synchronized int lockedCatches(int x) throws A {
        try {
            return fails(x);
        } catch (C e) {
            return -1;
        } catch (IllegalStateException e) {
            throw new B(x);
        }
    }

    /** The checks of single instructions, each failing often. */
    static int[] ints = new int[4];
    static JitHandlers none;
    static String checks(int x, Object o, int[] a, JitHandlers j) {
        try {
            switch (x % 5) {
            case 0: return "" + a[x % 9];
            case 1: return "" + (x / (x % 3 - 1));
            case 2: return "" + ((Integer) o + 1);
            case 3: return "" + j.depth;
            default: return "" + (10L % (x % 4)) + a.length + (j == null ? j.hashCode() : 2);
            }
        } catch (ArrayIndexOutOfBoundsException | ArithmeticException e) {
            return e.getMessage() + e.getStackTrace()[0].getLineNumber();
        } catch (ClassCastException | NullPointerException e) {
            return e.getMessage().hashCode() + ":" + e.getStackTrace()[0].getLineNumber();
        }
    }
    static int uncaught(int x, int[] a) { return a[x % 6] + 7 / (x % 4); }

    /** finally that covers itself, nested, with returns and rethrows. */
    static int nested(int x) throws A {
        int r = 0;
        try {
            try {
                r += fails(x);
            } catch (A e) {
                if (e instanceof B) { throw e; }
                r += e.n;
            } catch (C e) {
                throw new A(r + x);
            } finally {
                r += 3;
                try {
                    r += thrower(x);
                } catch (Light e) {
                    r += 4;
                    if (x % 12 == 10) { return r; }
                }
            }
        } catch (IllegalStateException e) {
            r += 9;
        } finally {
            r++;
        }
        return r;
    }

    /** A class that only a handler names, seen late. */
    static class Late extends RuntimeException { }
    static int late(int x) {
        try {
            if (x > 2000 && x % 3 == 0) { throw new Late(); }
            return thrower(x | 1);
        } catch (Late e) {
            return 7;
        } catch (Light e) {
            return 8;
        }
    }

    /** What is thrown while unwinding replaces what was. */
    static class Res implements AutoCloseable {
        final int x;
        Res(int x) { this.x = x; }
        public void close() throws C { if (x % 5 == 0) { throw new C("close" + x); } }
    }
    static String resources(int x) {
        try (Res a = new Res(x); Res b = new Res(x + 1)) {
            if (x % 3 == 0) { throw new A(x); }
            return "fine" + a.x;
        } catch (A e) {
            return e.getMessage() + e.getSuppressed().length;
        } catch (C e) {
            return e.getMessage();
        }
    }

    static int recurse(int n) { return n == 0 ? 1 / n : recurse(n - 1) + 1; }
    static int overflow(int n) { return overflow(n + 1) + 1; }
    static String deep(int x) {
        try {
            if (x % 500 == 499) { return "" + overflow(0); }
            return "" + recurse(x % 10);
        } catch (ArithmeticException e) {
            return "a" + e.getStackTrace().length % 1000 / 1000;
        } catch (StackOverflowError e) {
            return "overflow";
        }
    }

    static Object nullThrow(int x, RuntimeException e) {
        try {
            throw e;
        } catch (NullPointerException n) {
            return n.getStackTrace()[0].getLineNumber();
        } catch (Light l) {
            return l.code;
        }
    }

    interface Round { Object run(int r) throws Exception; }

    static void test(String name, Round f) {
        long h = 0;
        int bad = 0;
        for (int r = 0; r < 4000; r++) {
            try {
                h = h * 31 + f.run(r).hashCode();
            } catch (Exception e) {
                bad++;
                h = h * 31 + e.toString().hashCode();
                for (StackTraceElement s : e.getStackTrace()) {
                    if (s.getMethodName().equals("test")) { break; }
                    if (!s.getMethodName().startsWith("lambda")) {
                        h = h * 31 + s.getMethodName().hashCode() + s.getLineNumber();
                    }
                }
            }
        }
        System.out.println(name + " " + Long.toHexString(h) + " " + bad);
    }

    public static void main(String[] args) {
        JitHandlers j = new JitHandlers();
        Object[] objects = {1, "two", 3, 4L};
        List<JitHandlers> some = new ArrayList<>(List.of(j, j));
        some.add(null);
        test("locals", r -> locals(r));
        test("jump", r -> jump(r));
        test("inlined", r -> acrossInlined(r));
        test("locks", r -> j.locks(r));
        test("lockedCatches", r -> j.lockedCatches(r));
        test("checks", r -> checks(r, objects[r & 3], r % 50 == 0 ? null : ints, some.get(r % 3)));
        test("uncaught", r -> uncaught(r, ints));
        test("nested", r -> nested(r));
        test("late", r -> late(r));
        test("resources", r -> resources(r));
        test("deep", r -> deep(r));
        test("null", r -> nullThrow(r, r % 3 == 0 ? null : new Light(r)));
        System.out.println(Thread.holdsLock(j) + " " + Thread.holdsLock(JitHandlers.class));
    }
}
