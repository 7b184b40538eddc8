// Lambdas, method references of all kinds, captures, default methods, generics bridges, intersection casts, streams.
import java.io.*;
import java.util.*;
import java.util.function.*;
import java.util.stream.*;
public class Lambdas {
    interface Tri<A, B, C, R> {
        R f(A a, B b, C c);
        default<V> Tri<A, B, C, V> then(Function<R, V> g) {
            return (a, b, c) -> g.apply(f(a, b, c));
        }
    }
    interface Prim {
        long f(int a, long b, double c, float d, byte e, short g, char h, boolean i);
    }
    interface Gen {
        <T> T id(T t);
    }
    static abstract class Base<T> {
        abstract T get();
        T twice(T x) {
            return x;
        }
        String who() {
            return "base";
        }
    }
    static class Der extends Base<String> {
        String get() {
            return "der";
        }
        String twice(String x) {
            return x + x;
        }
        String who() {
            return "der";
        }
        Supplier<String> sup() {
            return super::who;
        }
    }
    int n = 10;
    int add(int x) {
        return n += x;
    }
    Lambdas() {}
    Lambdas(int n) {
        this.n = n;
    }
    public String toString() {
        return "L" + n;
    }
    static int stat(int a, int b) {
        return a * b;
    }
    static int vs(Integer... x) {
        return x.length;
    }
    private int priv() {
        return n;
    }
    Supplier<Supplier<Integer>> deep() {
        int k = 5;
        return () -> {
            int m = k + n;
            return () -> m + k + priv();
        };
    }
    static <T extends Comparable<T>> T max(Collection<? extends T> c) {
        T m = null;
        for (T t : c)
            if (m == null || t.compareTo(m) > 0)
                m = t;
        return m;
    }
    static long fact(int n) {
        Function<Integer, Long>[] f = new Function[1];
        f[0] = x -> x < 2 ? 1L : x * f[0].apply(x - 1);
        return f[0].apply(n);
    }
    static Runnable[] makers = new Runnable[3];
    static {
        for (int i = 0; i < 3; i++) {
            int j = i;
            makers[i] = () -> System.out.print(j + " ");
        }
    }
    public static void main(String[] args) throws Exception {
        for (Runnable r : makers) r.run();
        System.out.println();
        IntBinaryOperator s = Lambdas::stat;
        ToIntFunction<Integer> l = new Lambdas()::add;
        Function<Integer, Lambdas> c = Lambdas::new;
        Supplier<Lambdas> c0 = Lambdas::new;
        IntFunction<int[]> arr = int[] ::new;
        Function<Integer, String[][]> arr2 = String[][] ::new;
        ToIntFunction<Lambdas> pv = Lambdas::priv;
        BiFunction<Integer, Integer, Integer> var = Lambdas::vs;
        System.out.println(s.applyAsInt(6, 7) + " " + l.applyAsInt(5) + l.applyAsInt(5) + " " + c.apply(3) + c0.get()
            + arr.apply(3).length + arr2.apply(2).length + pv.applyAsInt(c.apply(8)) + var.apply(1, 2)
            + new Lambdas().deep().get().get() + " " + fact(15));
        Function<Object, String> ts = Object::toString;
        Supplier<Integer> len = "hello" ::length;
        Comparator<String> cmp = String::compareToIgnoreCase;
        System.out.println(ts.apply(List.of(1)) + len.get() + cmp.compare("A", "b"));
        Supplier<Object> boxed = () -> 1;
        LongSupplier wid = () -> 1;
        DoubleUnaryOperator du = x -> x + 1;
        IntToDoubleFunction itd = x -> x;
        ToLongFunction<Integer> tl = Integer::intValue;
        Function<Integer, Object> ob = Integer::longValue;
        System.out.println(boxed.get() + " " + wid.getAsLong() + du.applyAsDouble(1) + itd.applyAsDouble(2)
            + tl.applyAsLong(4) + ob.apply(9).getClass());
        Prim p = (a, b, d, f, e, g, h, i) -> (long) (a + b + d + f + e + g + h + (i ? 1 : 0));
        System.out.println(p.f(1, 2L, 3.5, 4.5f, (byte) 5, (short) 6, 'a', true));
        Tri<Integer, String, Double, String> t = (x, y, z) -> x + y + z;
        System.out.println(t.then(String::length).then(x -> x * 2).f(1, "two", 3.0));
        byte bb = 1;
        long ll = 2;
        double dd = 3;
        String ss = "4";
        char cc = '5';
        float ff = 6;
        boolean zz = true;
        short sh = 8;
        int ii = 9;
        Supplier<String> cap = () -> "" + bb + ll + dd + ss + cc + ff + zz + sh + ii;
        System.out.println(cap.get());
        Gen g = new Gen() {
            public <T> T id(T x) {
                return x;
            }
        };
        System.out.println(
            g.<String>id("gen") + new Der().get() + ((Base) new Der()).twice("x") + new Der().sup().get());
        try {
            ((Base) new Der()).twice(1);
        } catch (ClassCastException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(max(Arrays.asList(3, 9, 2)) + max(List.of("a", "c", "b")));
        Runnable ser = (Runnable & Serializable) () -> System.out.println("serialized lambda");
        ByteArrayOutputStream o = new ByteArrayOutputStream();
        new ObjectOutputStream(o).writeObject(ser);
        ((Runnable) new ObjectInputStream(new ByteArrayInputStream(o.toByteArray())).readObject()).run();
        try {
            new ObjectOutputStream(o).writeObject((Runnable) () -> {});
        } catch (NotSerializableException e) {
            System.out.println("not serializable");
        }
        try {
            Lambdas nul = null;
            Supplier<String> x = nul::toString;
        } catch (NullPointerException e) {
            System.out.println("npe " + e.getMessage());
        }
        try {
            ((Function) (Function<String, Integer>) String::length).apply(1);
        } catch (ClassCastException e) {
            System.out.println(e.getMessage());
        }
        Callback cb = () -> {
            throw new IOException("checked");
        };
        try {
            cb.call();
        } catch (IOException e) {
            System.out.println(e);
        }
        System.out.println(IntStream.rangeClosed(1, 100)
                               .filter(x -> x % 3 == 0)
                               .mapToObj(Integer::toString)
                               .collect(Collectors.joining(",")));
        System.out.println(""
            + Stream.of("one", "two", "three", "four")
                  .collect(Collectors.groupingBy((String x)
                                                     -> x.length(),
                      TreeMap::new, Collectors.mapping((String x) -> x.toUpperCase(), Collectors.toList()))));
        System.out.println(Stream.iterate(1, x -> x * 2).limit(20).reduce(0, Integer::sum) + " "
            + IntStream.range(0, 1000).parallel().sum() + " "
            + Stream.of(5, 3, 1).sorted(Comparator.reverseOrder()).map(String::valueOf).toList()
            + DoubleStream.of(1, 2, 3).summaryStatistics()
            + Stream.of(List.of(1, 2), List.of(3)).flatMap(List::stream).mapToInt(x -> x).max()
            + Stream.of(1, 2, 3, 4).collect(Collectors.partitioningBy(x -> x > 2))
            + Stream.of("a", "b").collect(Collectors.toMap(x -> x, String::hashCode))
            + Stream.of(1, 2, 3, 2, 1).takeWhile(x -> x < 3).distinct().skip(1).findFirst()
            + IntStream.of(3, 1, 2).boxed().sorted().peek(x -> {}).anyMatch(x -> x == 2)
            + Stream.of(1, 2, 3)
                  .<Integer>mapMulti((x, k) -> {
                      k.accept(x);
                      k.accept(x);
                  })
                  .count()
            + Collections.max(List.of(1, 5, 3)) + Arrays.stream(new int[] {1, 2, 3}).mapToLong(x -> x).average());
        System.out.println(IntStream.range(0, 5000)
                               .boxed()
                               .parallel()
                               .map(x -> x * 2L)
                               .filter(x -> x % 3 == 0)
                               .collect(Collectors.summingLong(x -> x))
            + " " + Optional.of("v").map(String::length).or(() -> Optional.of(1)).stream().count());
        try {
            Stream<Integer> st = Stream.of(1);
            st.count();
            st.count();
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        List<Supplier<Integer>> sup = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            int k = i;
            sup.add(() -> k * k);
        }
        System.out.println(sup.stream().map(Supplier::get).toList());
        System.out.println(makers[0].getClass() == makers[1].getClass());
        System.out.println(makers[0].getClass().isHidden() + " " + makers[0].getClass().isSynthetic() + " "
            + makers[0].getClass().getInterfaces()[0]
            + makers[0].getClass().getSimpleName().startsWith("Lambdas$$Lambda"));
    }
    interface Callback {
        void call() throws IOException;
    }
}
