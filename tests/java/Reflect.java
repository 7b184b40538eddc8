// Core reflection: members, modifiers, generics, invocation with conversions, access checks, exceptions, annotations,
// proxies.
import java.lang.annotation.*;
import java.lang.reflect.*;
import java.util.*;
import java.util.stream.*;
public class Reflect {
    interface Act {
        Object run() throws Throwable;
    }
    static void t(String n, Act a) {
        try {
            System.out.println(n + " = " + a.run());
        } catch (InvocationTargetException e) {
            System.out.println(n + ": ITE " + e.getCause());
        } catch (Throwable e) {
            System.out.println(n + ": " + e.toString().replaceAll("@[0-9a-f]+", "@H"));
        }
    }
    @Retention(RetentionPolicy.RUNTIME)
    @Repeatable(Marks.class)
    @interface Mark {
        String value() default "def";
        int[] n() default {1, 2};
        Class<?> c() default Object.class;
        Thread.State e() default Thread.State.NEW;
        Sub sub() default @Sub;
        long l() default 5L;
        double d() default 1.5;
        char ch() default 'c';
        byte b() default 1;
        boolean z() default true;
    }
    @Retention(RetentionPolicy.RUNTIME)
    @interface Marks {
        Mark[] value();
    }
    @Retention(RetentionPolicy.RUNTIME)
    @Inherited
    @interface Sub {
        String[] v() default {};
    }
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE_USE)
    @interface TU {
        int value();
    }
    @Retention(RetentionPolicy.CLASS)
    @interface Inv {}
    @Sub(v = {"a", "b"})
    @Inv
    static class Base<T extends Number & Comparable<T>> {
        public int pub = 1;
        protected T gen;
        private String priv = "p";
        static final long CONST = 7;
        transient volatile boolean flags;
        public Base() {}
        protected Base(int a, String... r) {
            pub = a;
        }
        private Base(T t) throws java.io.IOException {
            gen = t;
        }
        @Mark("one")
        @Mark(value = "two", n = {}, c = int.class, sub = @Sub(v = "x"))
        public <X extends Exception> List<? super T> m(Map<String, ? extends X[]> a, @Mark int b)
            throws X, java.io.IOException {
            return null;
        }
        private static int ps(int a, long b, double c) {
            return (int) (a + b + c);
        }
        synchronized final native void nat();
        protected static void thr() {
            throw new IllegalStateException("thrown");
        }
        @Deprecated
        public @TU(3) List<@TU(4) String> tu(@TU(5) int @TU(6)[] x) {
            return null;
        }
    }
    static class Sub1 extends Base<Integer> implements Comparable<Sub1> {
        public int compareTo(Sub1 o) {
            return 0;
        }
    }
    interface Def {
        default String d(String s) {
            return "d" + s;
        }
        int x(int i);
    }
    static String all(byte b, short s, char c, int i, long l, float f, double d, boolean z, Object o) {
        return "" + b + s + c + i + l + f + d + z + o;
    }
    static byte rb() {
        return 1;
    }
    static char rc() {
        return 'c';
    }
    static void rv() {}
    static boolean rz() {
        return true;
    }
    static float rf() {
        return 1;
    }
    @SuppressWarnings("unchecked")
    public static void main(String[] args) throws Throwable {
        for (Class<?> c : new Class<?>[] {Base.class, Sub1.class, Def.class}) {
            System.out.println(c.toGenericString() + " " + c.getGenericSuperclass()
                + Arrays.toString(c.getGenericInterfaces()) + Arrays.toString(c.getTypeParameters()));
            Stream.of(c.getDeclaredMethods(), c.getDeclaredConstructors(), c.getDeclaredFields())
                .flatMap(Stream::of)
                .map(m
                    -> m instanceof Executable e
                        ? e.toGenericString() + " " + e.getParameterCount() + e.isVarArgs() + e.isSynthetic()
                            + Arrays.toString(e.getParameters()) + Arrays.toString(e.getExceptionTypes())
                        : ((Field) m).toGenericString() + " " + m)
                .sorted()
                .forEach(System.out::println);
        }
        Method m = Base.class.getMethod("m", Map.class, int.class);
        System.out.println(Arrays.toString(m.getAnnotationsByType(Mark.class)));
        System.out.println(
            m.getParameterAnnotations()[1][0] + " " + m.getAnnotation(Mark.class) + " " + m.getAnnotations().length);
        System.out.println(Arrays.toString(Sub1.class.getAnnotations()) + Sub1.class.getDeclaredAnnotations().length
            + Base.class.isAnnotationPresent(Inv.class));
        Mark k = m.getAnnotation(Marks.class).value()[0], k2 = m.getAnnotation(Marks.class).value()[1];
        System.out.println(k.value() + k.n().length + k.c() + k.e() + k.sub() + k.l() + k.d() + k.ch() + k.b() + k.z()
            + k.equals(k) + k.equals(k2) + (k.hashCode() == m.getAnnotation(Marks.class).value()[0].hashCode())
            + k.annotationType());
        Method tu = Base.class.getMethod("tu", int[].class);
        System.out.println(tu.getAnnotatedReturnType() + " " + tu.getAnnotatedParameterTypes()[0] + " "
            + tu.getAnnotation(Deprecated.class));
        System.out.println(Mark.class.getMethod("n").getDefaultValue().getClass());
        Method al = Reflect.class.getDeclaredMethod("all", byte.class, short.class, char.class, int.class, long.class,
            float.class, double.class, boolean.class, Object.class);
        t("all", () -> al.invoke(null, (byte) 1, (short) 2, 'c', 4, 5L, 6f, 7d, true, "o"));
        t("widen", () -> al.invoke(null, (byte) 1, (byte) 2, 'c', 'd', 5, 6L, 7f, true, null));
        t("narrow", () -> al.invoke(null, 1, (short) 2, 'c', 4, 5L, 6f, 7d, true, "o"));
        t("nullprim", () -> al.invoke(null, null, (short) 2, 'c', 4, 5L, 6f, 7d, true, "o"));
        t("count", () -> al.invoke(null, 1));
        t("nulls", () -> al.invoke(null, (Object[]) null));
        for (String s : "rb rc rv rz rf".split(" "))
            t(s, () -> {
                Object o = Reflect.class.getDeclaredMethod(s).invoke(null);
                return o + (o == null ? "" : o.getClass().getName());
            });
        Base<Integer> b = new Base<>();
        t("thr", () -> {
            for (int i = 0; i < 40; i++) try {
                    Base.class.getDeclaredMethod("thr").invoke(null);
                } catch (InvocationTargetException e) {
                    if (i == 39)
                        throw e;
                }
            return 0;
        });
        t("recv", () -> m.invoke(null, null, 1));
        t("recv2", () -> m.invoke("x", null, 1));
        t("nat", () -> Base.class.getDeclaredMethod("nat").invoke(b));
        t("nomethod", () -> Base.class.getMethod("zip", int.class, String[].class));
        t("noctor", () -> Base.class.getConstructor(int.class));
        t("nofield", () -> Base.class.getField("priv"));
        Field pf = Base.class.getDeclaredField("priv");
        t("priv", () -> pf.get(b));
        pf.setAccessible(true);
        t("set", () -> {
            pf.set(b, "new");
            return pf.get(b);
        });
        t("set bad", () -> {
            pf.set(b, 1);
            return 0;
        });
        Field pub = Base.class.getField("pub");
        t("setInt", () -> {
            pub.setInt(b, 9);
            pub.setByte(b, (byte) 4);
            pub.set(b, 'a');
            return pub.getLong(b) + pub.getDouble(b);
        });
        t("setLong", () -> {
            pub.setLong(b, 1);
            return 0;
        });
        t("get byte", () -> pub.getByte(b));
        t("null recv", () -> pub.get(null));
        t("bad recv", () -> pub.get("s"));
        Field fc = Base.class.getDeclaredField("CONST");
        t("final", () -> {
            fc.setLong(null, 1);
            return 0;
        });
        fc.setAccessible(true);
        t("final2", () -> {
            fc.setLong(null, 1);
            return 0;
        });
        t("final get", () -> fc.getLong(null));
        t("opens", () -> {
            Field v = String.class.getDeclaredField("value");
            v.setAccessible(true);
            return v;
        });
        t("jdk priv", () -> String.class.getDeclaredField("hash").getInt("x"));
        t("jdk priv m", () -> ArrayList.class.getDeclaredMethod("grow").invoke(new ArrayList<>()));
        t("trySet", () -> String.class.getDeclaredField("value").trySetAccessible());
        t("internal", () -> Class.forName("jdk.internal.misc.Unsafe").getMethod("getUnsafe").invoke(null));
        t("abstract", () -> AbstractList.class.getDeclaredConstructor().newInstance());
        t("enum", () -> Thread.State.class.getDeclaredConstructors()[0].newInstance("x", 1));
        t("iface", () -> Runnable.class.newInstance());
        t("ctor thr", () -> {
            Constructor<Base> c = Base.class.getDeclaredConstructor(int.class, String[].class);
            return c.newInstance(5, new String[0]).pub;
        });
        t("ctor args", () -> Base.class.getDeclaredConstructor(int.class, String[].class).newInstance("x", null));
        t("newInstance", () -> Bomb.class.newInstance());
        t("newInstance2", () -> Bomb.class.getDeclaredConstructor().newInstance());
        InvocationHandler h = (p, mm, a) -> {
            String n = mm.getName();
            if (n.equals("x"))
                return a == null ? null : (Integer) a[0] * 2;
            if (n.equals("d"))
                return InvocationHandler.invokeDefault(p, mm, a);
            if (n.equals("compareTo"))
                throw new java.io.IOException("checked");
            if (n.equals("run"))
                throw new IllegalStateException("run");
            if (n.equals("hashCode"))
                return 42;
            if (n.equals("equals"))
                return p == a[0];
            return n.equals("toString") ? "proxy" : "wrong";
        };
        Object p = Proxy.newProxyInstance(Reflect.class.getClassLoader(),
            new Class<?>[] {Def.class, Comparable.class, Runnable.class, Supplier2.class}, h);
        t("p",
            ()
                -> p + " " + p.hashCode() + p.equals(p) + p.equals(1) + ((Def) p).x(21) + ((Def) p).d("q")
                + Proxy.isProxyClass(p.getClass()) + (Proxy.getInvocationHandler(p) == h)
                + Modifier.toString(p.getClass().getModifiers()) + Arrays.toString(p.getClass().getInterfaces()));
        t("p2", () -> ((Comparable<Object>) p).compareTo(1));
        t("p3", () -> {
            ((Runnable) p).run();
            return 0;
        });
        t("p4", () -> ((Supplier2) p).get());
        t("p5", () -> Proxy.newProxyInstance(null, new Class<?>[] {String.class}, h));
        t("p6", () -> Proxy.newProxyInstance(Reflect.class.getClassLoader(), new Class<?>[] {Def.class, Def.class}, h));
        try {
            ((Comparable<Object>) p).compareTo(1);
        } catch (UndeclaredThrowableException e) {
            System.out.println(e.getCause());
        }
        ParameterizedType pt =
            (ParameterizedType) new ArrayList<Map<String, int[]>>() {}.getClass().getGenericSuperclass();
        System.out.println(pt + " " + pt.getRawType() + pt.getActualTypeArguments()[0]
            + pt.equals(new ArrayList<Map<String, int[]>>() {}.getClass().getGenericSuperclass()));
        System.out.println(Modifier.toString(0xfff) + " " + int.class.getModifiers() + Integer[].class.getModifiers()
            + Integer.class.isAssignableFrom(int.class) + Object.class.isInstance(1) + int[].class.getSuperclass()
            + Runnable.class.getSuperclass() + Arrays.toString(int[].class.getInterfaces())
            + Class.forName("[[I").arrayType() + String.class.descriptorString() + int.class.componentType()
            + Thread.State.class.getEnumConstants().length + Integer.class.cast(5) + Void.TYPE);
        t("castbad", () -> Integer.class.cast("s"));
        t("asSub", () -> Runnable.class.asSubclass(Number.class));
        System.out.println(Arrays.stream(Sub1.class.getMethods())
                               .filter(x -> x.getName().equals("compareTo"))
                               .map(x -> x.isBridge() + "" + x.getReturnType())
                               .sorted()
                               .collect(Collectors.toList()));
        StackTraceElement[] st = deep(Reflect.class.getDeclaredMethod("trace"));
        System.out.println(st[0].getMethodName() + st[0].getLineNumber());
        System.out.println(Caller.class.getDeclaredMethods().length + ""
            + Class.class.getMethod("forName", String.class).invoke(null, "Reflect"));
    }
    interface Supplier2 {
        int get();
    }
    static class Caller {}
    static StackTraceElement[] trace() {
        return new Throwable().getStackTrace();
    }
    static StackTraceElement[] deep(Method m) throws Exception {
        return (StackTraceElement[]) m.invoke(null);
    }
    static class Bomb {
        Bomb() throws Exception {
            throw new Exception("bomb");
        }
    }
}
