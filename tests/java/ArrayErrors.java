// Exceptions of arrays and casts with HotSpot's exact messages.
import java.util.*;
public class ArrayErrors {
    interface Act {
        Object run() throws Throwable;
    }
    static void t(String n, Act a) {
        try {
            Object v = a.run();
            System.out.println(n + " = " + (v != null && v.getClass().isArray() ? v.getClass() : v));
        } catch (Throwable e) {
            System.out.println(n + ": " + e);
        }
    }
    static class A {}
    static class B extends A {}
    interface I {}
    static int neg = -1;
    static int five = 5;
    static Object o = "str";
    public static void main(String[] args) {
        int[] a = new int[3];
        long[] l = new long[0];
        byte[] b = new byte[2];
        Object[] oa = new Object[1];
        String[] sa = new String[2];
        Object[] os = sa;
        t("iaload", () -> a[3]);
        t("iaload-", () -> a[neg]);
        t("iastore", () -> a[five] = 1);
        t("laload", () -> l[0]);
        t("lastore", () -> l[0] = 1L);
        t("baload", () -> b[Integer.MAX_VALUE]);
        t("bastore", () -> b[2] = 1);
        t("aaload", () -> oa[1]);
        t("aastore", () -> oa[neg] = "");
        t("store", () -> os[0] = 1);
        t("store2", () -> os[0] = new int[0]);
        t("storenull", () -> os[0] = null);
        t("caload", () -> new char[1][five][2]);
        t("saload", () -> new short[4][4]);
        t("fa", () -> new float[1][1]);
        t("da", () -> new double[1][-1]);
        t("za", () -> new boolean[1][2]);
        t("neg", () -> new int[neg]);
        t("neg2", () -> new String[five][neg]);
        t("neg3", () -> new int[neg][neg]);
        t("negzero", () -> new int[0][neg]);
        t("cast", () -> (Integer) o);
        t("cast2", () -> (int[]) (Object) a.clone());
        t("cast3", () -> (int[]) o);
        t("cast4", () -> (I) (Object) new A());
        t("cast5", () -> (B) (A) new A());
        t("cast6", () -> (String[]) (Object) new Object[0]);
        t("cast7", () -> (int[][]) (Object) new Object[0]);
        t("castnull", () -> (B) null);
        t("cast8", () -> (List<?>) o);
        t("cast9", () -> (ArrayErrors) o);
        t("copy", () -> {
            System.arraycopy(a, 0, a, 1, 3);
            return 0;
        });
        t("copy1", () -> {
            System.arraycopy(a, -1, a, 1, 1);
            return 0;
        });
        t("copy2", () -> {
            System.arraycopy(a, 0, a, 0, -1);
            return 0;
        });
        t("copy3", () -> {
            System.arraycopy(a, 0, l, 0, 0);
            return 0;
        });
        t("copy4", () -> {
            System.arraycopy(o, 0, a, 0, 0);
            return 0;
        });
        t("copy5", () -> {
            System.arraycopy(a, 0, o, 0, 0);
            return 0;
        });
        t("copy6", () -> {
            System.arraycopy(null, 0, a, 0, 0);
            return 0;
        });
        t("copy7", () -> {
            System.arraycopy(a, 0, oa, 0, 1);
            return 0;
        });
        t("copy8", () -> {
            System.arraycopy(oa, 0, a, 0, 1);
            return 0;
        });
        t("copy9", () -> {
            System.arraycopy(a, Integer.MAX_VALUE, a, 0, 1);
            return 0;
        });
        t("copy10", () -> {
            System.arraycopy(a, 0, a, 3, 1);
            return 0;
        });
        t("copy11", () -> {
            System.arraycopy(oa, 0, sa, 5, 1);
            return 0;
        });
        t("copy12", () -> {
            System.arraycopy(a, 3, a, 3, 0);
            return 0;
        });
        Object[] mix = {"a", "b", 3, "d"};
        String[] dst = new String[4];
        t("copymix", () -> {
            System.arraycopy(mix, 0, dst, 0, 4);
            return 0;
        });
        System.out.println(Arrays.toString(dst));
        int[] r = {1, 2, 3, 4, 5};
        System.arraycopy(r, 0, r, 1, 4);
        System.out.println(Arrays.toString(r));
        System.arraycopy(r, 1, r, 0, 4);
        System.out.println(Arrays.toString(r));
        t("refl", () -> java.lang.reflect.Array.get(a, 9));
        t("refl2", () -> java.lang.reflect.Array.get("x", 0));
        t("refl3", () -> {
            java.lang.reflect.Array.set(a, 0, "x");
            return 0;
        });
        t("refl4", () -> java.lang.reflect.Array.newInstance(int.class, -2));
        t("refl5", () -> java.lang.reflect.Array.newInstance(void.class, 1));
        t("refl6", () -> java.lang.reflect.Array.getLength(o));
        t("refl7", () -> java.lang.reflect.Array.newInstance(String.class, 2, 3).getClass());
        t("refl8", () -> java.lang.reflect.Array.getInt(new byte[] {5}, 0));
        t("refl9", () -> java.lang.reflect.Array.getByte(new int[] {5}, 0));
        t("refl10", () -> java.lang.reflect.Array.getLength(null));
        t("refl11", () -> java.lang.reflect.Array.newInstance(int.class, new int[256]));
        t("sub", () -> "abc".substring(2, 1));
        t("sub2", () -> "abc".substring(4));
        t("charAt", () -> "abc".charAt(3));
        t("list", () -> List.of(1).get(1));
        t("al", () -> new ArrayList<>().get(0));
        t("it", () -> new ArrayList<>().iterator().next());
        t("parse", () -> Integer.parseInt("12x"));
        t("parse2", () -> Integer.parseInt(""));
        t("parse3", () -> Integer.parseInt(null));
        t("parse4", () -> Long.parseLong("9223372036854775808"));
        t("enum", () -> Thread.State.valueOf("x"));
        t("opt", () -> Optional.empty().get());
        t("imm", () -> List.of().add(null));
        t("cme", () -> {
            List<Integer> x = new ArrayList<>(List.of(1, 2, 3));
            for (Integer i : x) x.remove(i);
            return x;
        });
        t("range", () -> Arrays.copyOfRange(a, 2, 1));
        t("range2", () -> Objects.checkIndex(5, 5));
        t("tm", () -> new TreeMap<Object, Object>(Map.of("a", 1)).get(1));
        t("sb", () -> new StringBuilder("a").deleteCharAt(1));
        t("cl", () -> Class.forName("no.such.Class"));
        t("cl2", () -> Class.forName("[I").getName() + Class.forName("[[Ljava.lang.String;"));
        t("cl3", () -> Class.forName("int"));
        t("cl4", () -> Class.forName("java/lang/String"));
        t("cl5", () -> Class.forName("[Lno.Such;"));
        t("cl6", () -> Class.forName(""));
        t("clone", () -> ((int[][]) new int[][] {{1}}.clone())[0][0]);
        t("big", () -> new long[Integer.MAX_VALUE]);
        t("big2", () -> new int[Integer.MAX_VALUE - 2]);
        t("big3", () -> new byte[1000][1000][1000]);
    }
}
