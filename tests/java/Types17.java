// Records, sealed types, enums with bodies, pattern matching, switch expressions, nest mates, inner classes,
// interfaces.
import java.lang.reflect.*;
import java.util.*;
public class Types17 {
    record Point(int x, double y, String s, int... rest) implements Comparable<Point> {
        static int made;
        Point {
            if (x < 0)
                throw new IllegalArgumentException("x " + x);
            made++;
        }
        Point(int x) {
            this(x, 0, "d");
        }
        public int compareTo(Point o) {
            return Integer.compare(x, o.x);
        }
        String both() {
            return x + s;
        }
    }
    record Empty() {}
    record Gen<T extends Comparable<T>>(T a, List<T> b) {
        T biggest() {
            return b.stream().max(Comparator.naturalOrder()).filter(m -> m.compareTo(a) > 0).orElse(a);
        }
    }
    record All(boolean z, byte b, char c, short s, int i, long l, float f, double d, Object o) {}
    sealed interface Shape permits Circle, Square, Other {}
    record Circle(double r) implements Shape {}
    record Square(double a) implements Shape {}
    static non-sealed class Other implements Shape {}
    static class Deep extends Other {}
    static String area(Shape s) {
        if (s instanceof Circle c && c.r() > 1)
            return "big" + c.r();
        else if (s instanceof Circle c)
            return "small" + c.r;
        if (!(s instanceof Square q))
            return "other";
        return "sq" + q.a * q.a;
    }
    enum Op {
        ADD("+") {
            int apply(int a, int b) {
                return a + b;
            }
        },
        SUB("-") {
            int apply(int a, int b) {
                return a - b;
            }
        },
        MUL("*") {
            int apply(int a, int b) {
                return a * b;
            }
            @Override
            public String toString() {
                return "times";
            }
        };
        final String sym;
        static final Map<String, Op> by = new HashMap<>();
        static {
            for (Op o : values()) by.put(o.sym, o);
        }
        Op(String s) {
            sym = s;
        }
        abstract int apply(int a, int b);
    }
    enum Color {
        RED,
        GREEN,
        BLUE;
        Color next() {
            return values()[(ordinal() + 1) % values().length];
        }
    }
    enum None {}
    enum Impl implements Runnable {
        A;
        public void run() {
            System.out.print("run ");
        }
    }
    static int sw(Color c) {
        return switch (c) { case RED -> 1; case GREEN -> { int k = 2; yield k * 2; } case BLUE -> 9; }; } static String old(Color c) { switch (c) { case RED:
                return "r";
            case BLUE:
                return "b";
        }
        return "?";
    }
    private int secret = 42;
    private static String hid() {
        return "hid";
    }
    private static class Nest {
        private int v = 7;
        private Nest() {}
        private int get(Types17 t) {
            return v + t.secret++ + hid().length();
        }
        private static long st = 5;
    }
    class Inner {
        int secret = 1;
        class Inner2 {
            int secret = 2;
            String all() {
                return secret + "," + Inner.this.secret + "," + Types17.this.secret;
            }
        }
    }
    static String local(int k) {
        int m = k * 2;
        class Loc {
            int z = m;
            String s() {
                return "loc" + z + k;
            }
        }
        record R(int q) {}
        enum E { X }
        interface I {
            int f();
        }
        I i = () -> m;
        return new Loc().s() + new R(k) + E.X + i.f() + new Loc() {
            String s() {
                return "anon" + super.s();
            }
        }.s();
    }
    interface A {
        default String hi() {
            return "A";
        }
        static String st() {
            return "static" + p();
        }
        private static String p() {
            return "private";
        }
        private String q() {
            return "inst";
        }
        default String call() {
            return q() + hi();
        }
    }
    interface B extends A {
        default String hi() {
            return "B" + A.super.hi();
        }
    }
    interface C extends A {}
    static class D implements B, C {}
    static class F implements A, B {
        public String hi() {
            return "F" + B.super.hi();
        }
    }
    interface G {
        default String hi() {
            return "G";
        }
    }
    static class H implements A, G {
        public String hi() {
            return A.super.hi() + G.super.hi();
        }
    }
    static abstract class P {
        P() {
            System.out.print("P" + name() + " ");
        }
        abstract String name();
    }
    static class Q extends P {
        String n = "set";
        final String k = "const";
        { n += "!"; }
        Q() {
            super();
            System.out.println(n);
        }
        String name() {
            return n + k;
        }
    }
    static class Shadow {
        static String s() {
            return "S";
        }
        String f = "sf";
    }
    static class Shadow2 extends Shadow {
        static String s() {
            return "S2";
        }
        String f = "sf2";
    }
    static String v(Object... o) {
        return "v" + (o == null ? "null" : o.length);
    }
    static String v(int i) {
        return "int";
    }
    static String v(long i) {
        return "long";
    }
    static String v(Integer i) {
        return "Integer";
    }
    static String v(Object o) {
        return "Object";
    }
    static String w(int... i) {
        return "ints" + i.length;
    }
    static String w(String s, Object... o) {
        return s + Arrays.toString(o);
    }
    public static void main(String[] args) throws Exception {
        Point p = new Point(1, 2.5, "s", 3, 4), e = new Point(1, -0.0, null, (int[]) null);
        System.out.println(new Point(1, 2.5, "s").toString().startsWith("Point[x=1, y=2.5, s=s, rest=[I") + " "
            + p.equals(p) + p.both() + e + Point.made + new Empty() + new Empty().equals(new Empty())
            + new Empty().hashCode() + new Gen<>("a", List.of("b", "c")).biggest() + new Point(3).compareTo(p));
        All a = new All(true, (byte) 1, 'c', (short) 2, 3, 4, 5f, Double.NaN, "o"),
            b = new All(true, (byte) 1, 'c', (short) 2, 3, 4, 5f, Double.NaN, "o");
        System.out.println(a + " " + a.equals(b) + (a.hashCode() == b.hashCode()) + a.hashCode() + a.equals(null));
        try {
            new Point(-1);
        } catch (IllegalArgumentException x) {
            System.out.println(x.getMessage());
        }
        for (RecordComponent rc : Gen.class.getRecordComponents())
            System.out.println(
                rc + " " + rc.getGenericType() + " " + rc.getAccessor().invoke(new Gen<>(1, List.of(2))));
        System.out.println(Point.class.isRecord() + " " + Shape.class.isSealed()
            + Arrays.toString(Shape.class.getPermittedSubclasses()) + Types17.class.isSealed());
        for (Shape s : new Shape[] {new Circle(2), new Circle(.5), new Square(3), new Other(), new Deep()})
            System.out.print(area(s) + " ");
        System.out.println();
        for (Op o : Op.values())
            System.out.print(
                o + o.name() + o.apply(6, 3) + Op.by.get(o.sym).ordinal() + o.getClass() + o.getDeclaringClass() + " ");
        System.out.println(Op.valueOf("ADD") + "" + None.values().length + EnumSet.range(Color.RED, Color.GREEN)
            + new EnumMap<>(Map.of(Color.BLUE, 1)) + Color.BLUE.next() + Color.RED.compareTo(Color.BLUE));
        Impl.A.run();
        for (Color c : Color.values()) System.out.print(sw(c) + old(c));
        try {
            sw(null);
        } catch (NullPointerException x) {
            System.out.println(" npe");
        }
        try {
            Color.valueOf("PINK");
        } catch (IllegalArgumentException x) {
            System.out.println(x.getMessage());
        }
        try {
            Color.class.getDeclaredConstructor(String.class, int.class).newInstance("x", 1);
        } catch (IllegalArgumentException x) {
            System.out.println(x.getMessage());
        }
        Types17 t = new Types17();
        System.out.println(new Nest().get(t) + Nest.st + t.secret + " " + t.new Inner().new Inner2().all() + local(4));
        System.out.println(Types17.class.getNestHost() + " " + Nest.class.getNestHost()
            + Nest.class.isNestmateOf(Color.class) + (Types17.class.getNestMembers().length > 15)
            + Inner.Inner2.class.getEnclosingClass() + Nest.class.getDeclaringClass()
            + new Object() {}.getClass().getEnclosingMethod() + Inner.class.getSimpleName()
            + new int[0][0].getClass().getSimpleName() + new Object() {}.getClass().getName()
            + Modifier.toString(Nest.class.getModifiers()) + Inner.Inner2.class.getCanonicalName());
        System.out.println(new D().hi() + new D().call() + new F().hi() + new H().hi() + A.st() + new B() {}.call());
        new Q();
        Shadow s2 = new Shadow2();
        System.out.println(s2.f + ((Shadow2) s2).f + Shadow2.s() + Shadow.s());
        byte by = 1;
        char ch = 'a';
        System.out.println(v() + v(1) + v(1L) + v((Integer) 1) + v(by) + v(ch) + v(1f) + v("s") + v((Object[]) null)
            + v(1, 2) + v(new Object[] {1, 2, 3}) + v(new int[] {1}) + w() + w(1, 2) + w("s") + w("s", 1, null));
        Integer i1 = 127, i2 = 127, i3 = 128, i4 = 128;
        Long l1 = 127L;
        System.out.println((i1 == i2) + " " + (i3 == i4) + i3.equals(i4) + l1.equals(127) + (i3 <= i4)
            + (true ? 1 : 'a') + (true ? i1 : 2.0) + (char) (false ? 1 : 'b'));
        try {
            Integer nul = null;
            int z = nul;
        } catch (NullPointerException x) {
            System.out.println(x.getMessage());
        }
        List<Object> raw = new ArrayList<>();
        ((List) raw).add(1);
        try {
            String bad = ((List<String>) (List) raw).get(0);
        } catch (ClassCastException x) {
            System.out.println(x.getMessage());
        }
        Iterator<Integer> it = new Iterator<>() {
            int n = 3;
            public boolean hasNext() {
                return n > 0;
            }
            public Integer next() {
                return n--;
            }
        };
        for (Iterable<Integer> q = () -> it; it.hasNext();)
            for (int z : q) System.out.print(z);
        System.out.println();
        try {
            it.remove();
        } catch (UnsupportedOperationException x) {
            System.out.println(x);
        }
        assert false : "not enabled";
        var list = new ArrayList<Map<String, ? super Integer>>();
        list.add(Map.of("k", 1));
        for (var m : list) System.out.println(m.get("k"));
    }
}
