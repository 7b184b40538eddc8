import java.util.ArrayList;
import java.util.List;
import java.util.function.IntBinaryOperator;
import java.util.function.IntUnaryOperator;

/** Call sites whose receivers change while their callers are compiled; classes that come later. */
public class JitCalls {
    interface Shape { int area(int x); default int twice(int x) { return 2 * area(x); } }
    static abstract class Base implements Shape {
        int n;
        abstract int step(int x);
        int chain(int x) { return step(x) + 1; }
        public int area(int x) { return chain(x) + n; }
        synchronized int locked(int x) { return n += x; }
    }
    static class A extends Base { int step(int x) { return x + 1; } }
    static class B extends Base { int step(int x) { return x * 2; } int chain(int x) { return super.chain(x) - 3; } }
    static class C extends A { int step(int x) { return super.step(x) ^ 5; } public int area(int x) { return n - x; } }
    static class D extends Base { int step(int x) { if (x % 97 == 3) { throw new IllegalStateException("D" + x); } return x - 1; } }
    static class Late extends A { static int made; { made++; } int step(int x) { return x * 7; } public int twice(int x) { return area(x) * 3; } int locked(int x) { return n -= x; } }
    static class Leaf implements Shape { public int area(int x) { return x >> 1; } }
    enum Op implements IntBinaryOperator {
        ADD { public int applyAsInt(int a, int b) { return a + b; } }, SUB { public int applyAsInt(int a, int b) { return a - b; } },
        MUL { public int applyAsInt(int a, int b) { return a * b; } }
    }
    record Point(int x, long y) { int sum() { return x + (int) y; } }

    static int virtualCall(Base b, int x) { return b.step(x) + b.chain(x) * 3; }
    static int interfaceCall(Shape s, int x) { return s.area(x) + s.twice(x); }
    static int lambdaCall(IntUnaryOperator f, int x) { return f.applyAsInt(x) + f.andThen(y -> y + 1).applyAsInt(x); }
    static int enumCall(Op o, int a, int b) { return o.applyAsInt(a, b) + o.ordinal(); }
    static int casts(Object o) {
        if (o instanceof Integer) { return (Integer) o; }
        if (o instanceof String s) { return s.length(); }
        if (o instanceof Base b) { return b.n; }
        return ((Point) o).sum();
    }
    static int store(Object[] a, Object o, int i) { a[i] = o; return i; }
    static int recursive(int n, Shape s) { return n <= 1 ? s.area(n) : recursive(n - 1, s) + recursive(n - 2, s); }
    static long mixed(int a, long b, float c, double d, byte e, short f, char g, boolean h, Object o, long p, double q, float r, int s, double t, double u, double v, double w, double x, double y) {
        return a + b * 3 + (long) c * 5 + (long) d * 7 + e * 11 + f * 13 + g * 17 + (h ? 19 : 0) + (o == null ? 23 : 29) + p * 31 + (long) q + (long) r + s + (long) (t + u * 2 + v * 3 + w * 4 + x * 5 + y * 6);
    }

    interface Round { long run(int r); }

    static void test(String name, int rounds, Round f) {
        long h = 0;
        int bad = 0;
        String last = "";
        for (int r = 0; r < rounds; r++) {
            try {
                h = h * 31 + f.run(r);
            } catch (RuntimeException e) {
                bad++;
                last = e.getClass().getSimpleName() + ": " + e.getMessage();
                h = h * 31 + last.hashCode();
            }
        }
        System.out.println(name + " " + Long.toHexString(h) + " " + bad + " " + last);
    }

    static Base late() { return new Late(); }

    public static void main(String[] args) {
        Base a = new A(), b = new B(), c = new C(), d = new D();
        Shape leaf = new Leaf();
        test("mono", 2000, r -> virtualCall(a, r));
        test("bi", 2000, r -> virtualCall(r % 3 == 0 ? b : a, r));
        test("mega", 3000, r -> virtualCall(r % 4 == 0 ? a : r % 4 == 1 ? b : r % 4 == 2 ? c : d, r));
        test("null", 2000, r -> virtualCall(r % 500 == 499 ? null : a, r));
        test("late class", 2000, r -> virtualCall(r > 1500 && r % 10 == 0 ? late() : a, r) + Late.made);
        test("interface", 3000, r -> interfaceCall(r < 1000 ? a : r < 2000 ? (r & 1) == 0 ? b : leaf : r % 3 == 0 ? c : r % 3 == 1 ? leaf : late(), r));
        test("synchronized", 2000, r -> (r > 1500 ? late() : a).locked(r) + (r % 2 == 0 ? b : c).locked(1));
        IntUnaryOperator[] fs = {x -> x + 1, x -> x * a.n, x -> { if (x == 1777) { throw new ArithmeticException("lambda"); } return -x; }};
        test("lambda", 3000, r -> lambdaCall(fs[r < 1000 ? 0 : r % 3], r));
        test("enum", 3000, r -> enumCall(Op.values()[r < 1000 ? 0 : r % 3], r, r >> 3));
        Object[] things = {5, "text", a, new Point(3, 4), 4L, null};
        test("casts", 3000, r -> casts(things[r < 1000 ? r & 1 : r < 2500 ? r & 3 : r % 6]));
        Object[] strings = new String[4], objects = new Object[4];
        test("stores", 3000, r -> store(r > 1000 && r % 7 == 0 ? strings : objects, r % 3 == 0 ? "s" : r, r % 5 == 0 && r > 2000 ? 4 : r & 3));
        test("recursive", 40, r -> recursive(12, r < 20 ? a : r % 2 == 0 ? b : leaf));
        test("mixed", 1500, r -> mixed(r, r * 5L, r * 0.5f, r * 1.5, (byte) r, (short) (r * 99), (char) (r * 77), r % 3 == 0, r % 2 == 0 ? null : a, -r, r / 3.0, r / 7f, ~r, r, r + 1, r + 2, r + 3, r + 4, r + 5));
        test("list", 500, r -> {
            List<Integer> list = new ArrayList<>();
            for (int i = 0; i < 20; i++) { list.add(r * i); }
            long sum = 0;
            for (int i : list) { sum += i; }
            return sum + list.stream().filter(x -> x % 2 == 0).mapToInt(x -> x).sum() + list.indexOf(r * 3);
        });
        System.out.println(depth(0) > 500);
    }

    static int depth(int n) {
        try {
            return depth(n + 1);
        } catch (StackOverflowError e) {
            return n;
        }
    }
}
