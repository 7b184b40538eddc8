import java.io.*;
import java.lang.annotation.*;
import java.util.*;
import java.util.function.*;

/**
 * Small classes with many kinds of attributes and bytecodes: what the fuzz loop mutates. None blocks, exits or starts
 * threads.
 */
class Seeds {
    public static void main(String[] a) {
        System.out.println("hello");
    }
}

class SArith {
    static int i = 3;
    static long l = 1L << 40;
    static double d = 1.5;
    static float f = 2;
    public static void main(String[] a) {
        int x = i;
        for (int k = 0; k < 20; k++) {
            x += k * i / (k + 1) % 7 << 2;
            l = l * 31 ^ x;
            d = d * 1.1 + f;
            f -= (float) d;
        }
        System.out.println(x + l + d + f);
    }
}

class SArrays {
    public static void main(String[] a) {
        int[] x = new int[10];
        long[][] y = new long[3][4];
        Object[] o = {1, "a", x};
        for (int i = 0; i < x.length; i++) {
            x[i] = i;
            y[i % 3][i % 4] += i;
        }
        byte[] b = {1, 2};
        b[1]++;
        char[] c = "abc".toCharArray();
        System.out.println(o[1] + "" + y[1][1] + b[1] + c[2]);
    }
}

class SExceptions {
    static int f(int n) {
        try {
            if (n == 0)
                throw new IllegalStateException("zero");
            return 10 / (n - 1);
        } catch (ArithmeticException | NullPointerException e) {
            return -1;
        } catch (RuntimeException e) {
            return -2;
        } finally {
            n++;
        }
    }
    public static void main(String[] a) {
        for (int i = 0; i < 3; i++) System.out.println(f(i));
        try (StringReader r = new StringReader("x")) {
            r.read();
        } catch (IOException e) {
        }
    }
}

class SSwitch {
    static int f(int n) {
        switch (n) {
            case 1:
                return 1;
            case 2:
                return 4;
            case 3:
                return 9;
            case 1000:
                return 5;
            default:
                return 0;
        }
    }
    static int g(String s) {
        return switch (s) { case "a" -> 1; case "b" -> 2; default -> 3; }; }
    public static void main(String[] a) { int s = 0; for (int i = 0; i < 6; i++) s += f(i) + g("" + (char) ('a' + i)); switch (s) { case 5:
            case 6:
                s = 1;
                break;
            case 7:
                s = 2;
        }
        System.out.println(s);
    }
}

class SLambda {
    interface Q<T> {
        T q(T t);
        default T twice(T t) {
            return q(q(t));
        }
    }
    public static void main(String[] a) {
        Q<Integer> q = x -> x + a.length;
        Supplier<String> s = "abc" ::toUpperCase;
        Function<Integer, int[]> n = int[] ::new;
        System.out.println(q.twice(1) + s.get() + n.apply(3).length);
    }
}

class SConcat {
    public static void main(String[] a) {
        String s = "x" + 1 + 2L + 'c' + 1.5 + true + null + a.length;
        System.out.println(s + s.length());
    }
}

record SRecord(int x, String y, List<? extends Number> z) {
    SRecord {
        if (x < 0)
            throw new IllegalArgumentException();
    }
    public static void main(String[] a) {
        SRecord r = new SRecord(1, "q", List.of(2));
        System.out.println(r + " " + r.hashCode() + r.equals(r));
    }
}

enum SEnum {
    A {
        int v() {
            return 1;
        }
    },
    B {
        int v() {
            return 2;
        }
    };
    abstract int v();
    public static void main(String[] a) {
        for (SEnum e : values()) switch (e) {
                case A:
                    System.out.println(e.v());
                    break;
                case B:
                    System.out.println(valueOf("B"));
            }
    }
}

sealed interface SSealed permits SSealed.P, SSealed.R {
    record P(int i) implements SSealed {}
    final class R implements SSealed {
        class In {
            int k = R.this.hashCode();
        }
    }
    static void main(String[] a) {
        for (SSealed s : new SSealed[] {new P(1), new R()})
            if (s instanceof P p && p.i == 1)
                System.out.println(p.i());
    }
}

@Retention(RetentionPolicy.RUNTIME)
@interface SMark {
    String value() default "v";
    int[] n() default {1, 2};
    Class<?> c() default int.class;
}

@SMark(value = "x", n = {}, c = String.class)
class SAnnotated<T extends Comparable<T> & Serializable> {
    @SMark @Deprecated T field;
    @SMark("m")
    <E extends Exception> T m(@SMark("p") T t, List<? super E> l) throws E, IOException {
        return t;
    }
    static final long L = 5;
    static final String S = "const";
    static final double D = 2.5;
    public static void main(String[] a) throws Exception {
        System.out.println(new SAnnotated<String>().m("t", null) + SAnnotated.class.getAnnotation(SMark.class));
    }
}

class SInner {
    private int p = 5;
    private static class N {
        private int q = 6;
        private int s(SInner i) {
            return i.p + q;
        }
    }
    class M {
        int r = p++;
    }
    public static void main(String[] a) {
        SInner s = new SInner();
        System.out.println(new N().s(s) + s.new M().r + new Object() {
            public String toString() {
                return "anon";
            }
        }.toString());
    }
}

class SFields {
    int i = 1;
    long l = 2;
    static byte b = 3;
    volatile short s = 4;
    final char c = 'c';
    transient boolean z;
    float f;
    double d;
    Object o = this;
    static SFields st = new SFields();
    public static void main(String[] a) {
        SFields x = st;
        x.i += x.l;
        x.l++;
        b += 2;
        x.s--;
        x.z = !x.z;
        x.f = x.c;
        x.d = x.f / 2;
        x.o = x.o == x ? "s" : null;
        System.out.println(x.i + x.l + b + x.s + x.d + "" + x.o);
    }
}

class SSync {
    int n;
    synchronized void up() {
        n++;
    }
    static synchronized int st() {
        return 3;
    }
    public static void main(String[] a) {
        SSync s = new SSync();
        synchronized (s) {
            s.up();
            synchronized (SSync.class) {
                s.n += st();
            }
        }
        System.out.println(s.n);
    }
}

abstract class SAbstract implements Comparable<SAbstract>, Runnable {
    abstract int v();
    public int compareTo(SAbstract o) {
        return v() - o.v();
    }
    static class I1 extends SAbstract {
        int v() {
            return 1;
        }
        public void run() {
            System.out.println("run");
        }
    }
    public static void main(String[] a) {
        SAbstract s = new I1();
        s.run();
        ((Runnable) s).run();
        System.out.println(((Comparable<SAbstract>) s).compareTo(s));
    }
}

class SWide {
    public static void main(String[] a) {
        long a0 = 1, a1 = 2, a2 = 3, a3 = 4, a4 = 5;
        double d0 = 1, d1 = 2;
        int i = 0;
        i += 1000;
        while (i-- > 900) {
            a0 += a1;
            a1 ^= a2 << 3;
            a2 = -a3;
            a3 = ~a4;
            d0 = -d1;
            d1 %= 1.5;
            if (a0 > a1 || d0 < d1)
                a4++;
        }
        System.out.println(a0 + a1 + a2 + a3 + a4 + d0 + d1);
    }
}

class SClasses {
    public static void main(String[] a) throws Exception {
        Class<?>[] c = {int.class, String.class, int[].class, SClasses.class, SClasses[][].class};
        Object o = c[1];
        System.out.println(o instanceof Class<?> k ? k.getName() : "");
        Object x = new int[2][3];
        int[][] y = (int[][]) x;
        System.out.println(y.length + c.length);
        StringBuilder b = (StringBuilder) (CharSequence) new StringBuilder("q");
        System.out.println(b);
    }
}

class SCollections {
    public static void main(String[] a) {
        Map<String, Integer> m = new TreeMap<>();
        for (String s : "a b c a".split(" ")) m.merge(s, 1, Integer::sum);
        for (Map.Entry<String, Integer> e : m.entrySet()) System.out.println(e.getKey() + e.getValue());
        System.out.println(m.values().stream().mapToInt(x -> x).sum());
    }
}

class SNative {
    native int nothing();
    public static void main(String[] a) {
        try {
            new SNative().nothing();
        } catch (UnsatisfiedLinkError e) {
            System.out.println("none");
        }
        assert a != null : "a";
    }
}
