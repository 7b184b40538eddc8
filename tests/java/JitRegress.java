import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Objects;

// options: -XX:-OmitStackTraceInFastThrow
/** What was once wrong in compiled code, most of it found by tests/fuzz/JitFuzz.java. */
public class JitRegress {
    /** GCC took the conversion of something positive for positive, and dropped the test for what does not fit. */
    static long positiveToLong(double d) { return (long) Math.abs(d); }
    static int positiveToInt(float f) { return (int) Math.abs(f); }

    /** A leaf without a frame of its own: its caller was missing in the trace. */
    static int leaf(int x) {
        if (x % 3 == 2) { return 5 / (x - x); }
        return 1;
    }

    static int frames(int x) {
        try {
            return leaf(x);
        } catch (ArithmeticException e) {
            StackTraceElement[] s = e.getStackTrace();
            return s[0].getMethodName().length() * 10 + (s[1].getMethodName().equals("frames") ? 1 : 2);
        }
    }

    static long framesInLoop() {
        long h = 0;
        for (int i = 0; i < 3000; i++) {
            try {
                h += leaf(i);
            } catch (ArithmeticException e) {
                h += e.getStackTrace()[1].getMethodName().length();
            }
        }
        return h;
    }

    /** Exits of what a method handle's constant target became: the operands were popped already. */
    static final MethodHandle COPY, CHECK, HASH;
    static {
        try {
            MethodHandles.Lookup l = MethodHandles.lookup();
            COPY = l.findStatic(System.class, "arraycopy", MethodType.methodType(void.class, Object.class, int.class, Object.class, int.class, int.class));
            CHECK = l.findStatic(Objects.class, "checkIndex", MethodType.methodType(int.class, int.class, int.class));
            HASH = l.findVirtual(Object.class, "hashCode", MethodType.methodType(int.class));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static int copy(int a, Object from, Object to, int n) throws Throwable {
        try {
            COPY.invokeExact(from, 0, to, 1, n);
            return a;
        } catch (NullPointerException e) {
            return a * 3 + e.getClass().getName().length();
        }
    }

    static int check(int a, int i, int n) throws Throwable {
        try {
            return a + (int) CHECK.invokeExact(i, n) * 3;
        } catch (IndexOutOfBoundsException e) {
            return a - e.getMessage().hashCode();
        }
    }

    static int hash(int a, Object o) throws Throwable {
        try {
            return a + (int) HASH.invokeExact(o);
        } catch (NullPointerException e) {
            return a - 1;
        }
    }

    public static void main(String[] args) throws Throwable {
        double[] d = {1, 1e19, Double.NEGATIVE_INFINITY, Double.NaN, -9.3e18, 3e9, -2147483648.0};
        long h = 0;
        for (int i = 0; i < 7000; i++) { h = h * 31 + positiveToLong(d[i % d.length]) + positiveToInt((float) d[i % d.length]); }
        System.out.println(h);
        h = 0;
        for (int i = 0; i < 3000; i++) { h = h * 31 + frames(i); }
        System.out.println(h + " " + framesInLoop());
        int[] from = {1, 2, 3, 4}, to = new int[6];
        h = 0;
        for (int i = 0; i < 3000; i++) {
            int bad = i > 1500 && i % 10 == 0 ? i / 10 % 4 : -1;
            h = h * 31 + copy(i, bad == 0 ? null : from, to, 3);
            h = h * 31 + check(i, bad == 0 ? -1 : bad == 1 ? 9 : i % 9, bad == 2 ? 0 : 9);
            h = h * 31 + hash(i, bad == 0 ? null : bad == 1 ? (Object) 5L : "string");
        }
        System.out.println(h);
    }
}
