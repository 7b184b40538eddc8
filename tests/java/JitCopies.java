import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Supplier;

/**
 * System.arraycopy in compiled code (what it may change, parts that are not there), objects of captured lambdas and constructor
 * references, instanceof with many classes and interfaces.
 */
public class JitCopies {
    static final int N = 6000;
    int field;

    /* Loads on both sides of a copy: of the array that is copied to, of others, of fields. */
    static int around(byte[] a, byte[] b, int[] ints, JitCopies o, int at) {
        int x = a[at] + b[at] + ints[0] + o.field;
        System.arraycopy(a, at, b, at + 1, 3);
        o.field++;
        return x * 31 + a[at + 1] + b[at + 1] + ints[0] + o.field + b[at + 2];
    }

    static int aroundInts(int[] a, Object to, int[] seen) {
        int x = seen[2] + ((int[]) to)[1];
        System.arraycopy(a, 0, to, 0, 4);
        return x * 31 + seen[2] + ((int[]) to)[1];
    }

    static int references(Object[] a, Object[] b, String[] s) {
        int x = s[0].length() + b[1].hashCode();
        System.arraycopy(a, 0, b, 0, 3);
        return x * 31 + s[0].length() + b[1].hashCode();
    }

    /* The copy stands in a loop whose other loads do not change unless it changes them. */
    static int loop(byte[] a, byte[] b, int[] ints, int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            sum += b[0] * 3 + ints[1];
            System.arraycopy(a, i & 7, b, 0, 2);
        }
        return sum;
    }

    static String part(byte[] a, int from, byte[] b, int to, int n) {
        try {
            System.arraycopy(a, from, b, to, n);
            return "done";
        } catch (ArrayIndexOutOfBoundsException e) {
            return e.getMessage();
        }
    }

    static String part(long[] a, int from, long[] b, int to, int n) {
        try {
            System.arraycopy(a, from, b, to, n);
            return "done";
        } catch (ArrayIndexOutOfBoundsException e) {
            return e.getMessage();
        }
    }

    static long overlapping() {
        long hash = 0;
        for (int n = 0; n < 70; n++) {
            for (int shift = -9; shift <= 9; shift++) {
                byte[] b = new byte[100];
                char[] c = new char[100];
                long[] l = new long[100];
                for (int i = 0; i < 100; i++) {
                    b[i] = (byte) (i * 7);
                    c[i] = (char) (i * 77);
                    l[i] = i * 777L;
                }
                System.arraycopy(b, 12, b, 12 + shift, n);
                System.arraycopy(c, 12, c, 12 + shift, n);
                System.arraycopy(l, 12, l, 12 + shift, n);
                hash = hash * 31 + Arrays.hashCode(b) + Arrays.hashCode(c) * 3L + Arrays.hashCode(l) * 5L;
            }
        }
        return hash;
    }

    static int lambdas(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            int k = i;
            IntUnaryOperator f = x -> x * 3 + k;
            Supplier<List<Integer>> s = ArrayList::new;
            Function<Integer, StringBuilder> g = StringBuilder::new;
            List<Integer> list = s.get();
            list.add(f.applyAsInt(i));
            sum = sum * 31 + list.get(0) + g.apply(20).append(k).length();
        }
        return sum;
    }

    static IntUnaryOperator kept;

    static int escaping(int n) {
        int sum = 0;
        for (int i = 0; i < n; i++) {
            int k = i;
            kept = x -> x - k;
            sum = sum * 7 + kept.applyAsInt(i * 2);
        }
        return sum;
    }

    static int kind(Object o) {
        return (o instanceof Map<?, ?> ? 1 : 0) + (o instanceof List<?> ? 2 : 0) + (o instanceof Comparable<?> ? 4 : 0)
                + (o instanceof CharSequence ? 8 : 0) + (o instanceof Collection<?> ? 16 : 0)
                + (o instanceof RandomAccess ? 32 : 0) + (o instanceof Comparable<?>[] ? 64 : 0)
                + (o instanceof Cloneable ? 128 : 0) + (o instanceof Object[] ? 256 : 0);
    }

    public static void main(String[] args) {
        byte[] a = new byte[32];
        byte[] b = new byte[32];
        int[] ints = {1, 2, 3, 4};
        int[] others = {5, 6, 7, 8, 9};
        JitCopies o = new JitCopies();
        String[] strings = {"a", "bb", "ccc"};
        Object[] objects = {"x", 1, 'c'};
        int sum = 0;
        for (int i = 0; i < N; i++) {
            a[i & 31] = (byte) i;
            sum = sum * 31 + around(a, i % 3 == 0 ? a : b, ints, o, i & 15);
            ints[i & 3] += i;
            sum = sum * 31 + aroundInts(ints, i % 5 == 0 ? ints : others, i % 2 == 0 ? others : ints);
            strings[i % 3] = "s" + i % 100;
            sum = sum * 31 + references(strings, i % 2 == 0 ? objects : strings, strings);
            sum = sum * 31 + loop(a, i % 7 == 0 ? a : b, ints, i & 15);
        }
        System.out.println("around: " + sum);
        System.out.println("overlapping: " + overlapping());

        int done = 0;
        for (int i = 0; i < N; i++) { done += part(a, i & 15, b, i & 7, i & 15).length(); }
        for (int i = 0; i < N; i++) { done += part(new long[16], i & 7, new long[16], i & 3, i & 7).length(); }
        System.out.println("done: " + done);
        int[][] bad = {{-1, 0, 1}, {0, -1, 1}, {0, 0, -1}, {0, 0, 33}, {32, 0, 1}, {0, 32, 1}, {32, 32, 0}, {33, 0, 0}, {0, 33, 0},
            {Integer.MAX_VALUE, 0, 1}, {1, 0, Integer.MAX_VALUE}, {Integer.MIN_VALUE, 0, Integer.MIN_VALUE}, {20, 0, 13}, {0, 20, 13}};
        for (int[] x : bad) {
            System.out.println(part(a, x[0], b, x[1], x[2]));
            System.out.println(part(new long[32], x[0], new long[32], x[1], x[2]));
        }
        System.out.println("lambdas: " + lambdas(N) + " " + escaping(N));

        Object[] kinds = {"s", 1, 2L, new ArrayList<>(), new HashMap<>(), new HashSet<>(), new StringBuilder(), new String[1],
            new Object[1], new int[1], Arrays.asList(1), List.of(), Map.of(), 'c', new Object(), new Integer[0][0], o, null};
        long hash = 0;
        for (int i = 0; i < N * 5; i++) { hash = hash * 31 + kind(kinds[i % kinds.length]); }
        System.out.println("kinds: " + hash);
        for (Object k : kinds) { System.out.print(kind(k) + " "); }
        System.out.println();
    }
}
