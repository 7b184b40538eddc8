// Own class loaders: delegation, parallel loading, duplicates, malformed classes, errors with exact texts.
import java.io.*;
import java.lang.reflect.*;
import java.util.*;
import java.util.concurrent.*;
import lib.*;
public class Loaders {
    interface R {
        Object run() throws Throwable;
    }
    static void t(String n, R r) {
        try {
            System.out.println(n + " = " + r.run());
        } catch (Throwable e) {
            System.out.println(n + ": " + e.toString().replaceAll("@[0-9a-f]+", "@H")
                + (e.getCause() == null ? "" : " / " + e.getCause()));
        }
    }
    static byte[] cls(String n, String s, String... i) {
        return new Asm(0x21, n, s, i).constructor(s).build();
    }
    static Class<?> def(byte[] b) {
        return new Asm.Loader().define(null, b);
    }
    static byte[] patch(byte[] b, int at, int v) {
        byte[] c = b.clone();
        c[at] = (byte) v;
        return c;
    }
    static class Par extends ClassLoader {
        static {
            System.out.println(registerAsParallelCapable());
        }
        int defs;
        final byte[] b = cls("P", "java/lang/Object");
        Par() {
            super("par", null);
        }
        protected Class<?> findClass(String n) throws ClassNotFoundException {
            if (!n.equals("P"))
                throw new ClassNotFoundException("mine " + n);
            synchronized (this) {
                defs++;
            }
            return defineClass(n, b, 0, b.length);
        }
    }
    public static void main(String[] args) throws Throwable {
        byte[] ok = cls("p/Ok", "java/lang/Object");
        t("ok", () -> def(ok).getName());
        t("instance", () -> def(ok).getDeclaredConstructor().newInstance().getClass());
        t("name", () -> new Asm.Loader().define("p.Other", ok));
        t("name2", () -> new Asm.Loader().define("p/Ok", ok));
        t("dup", () -> {
            Asm.Loader l = new Asm.Loader();
            l.define("p.Ok", ok);
            return l.define("p.Ok", ok);
        });
        t("java", () -> def(cls("java/lang/Evil", "java/lang/Object")));
        t("package", () -> def(ok).getPackage().getName() + def(ok).getPackageName() + def(ok).getModule().isNamed());
        t("empty", () -> def(new byte[0]));
        t("magic", () -> def(patch(ok, 0, 1)));
        for (int v : new int[] {44, 45, 61, 62, 65, 0}) t("version " + v, () -> def(patch(ok, 7, v)).getName());
        t("preview", () -> def(patch(patch(ok, 4, 0xff), 5, 0xff)));
        t("minor", () -> def(patch(ok, 5, 3)));
        for (int n : new int[] {3, 4, 7, 8, 9, 10, 15, ok.length - 1})
            t("truncated " + n, () -> def(Arrays.copyOf(ok, n)));
        t("extra", () -> def(Arrays.copyOf(ok, ok.length + 1)));
        t("tag", () -> def(patch(ok, 10, 99)));
        t("super missing", () -> def(cls("A1", "no/Such")));
        t("super final", () -> def(cls("A2", "java/lang/String")));
        t("super iface", () -> def(cls("A3", "java/lang/Runnable")));
        t("iface class", () -> def(cls("A4", "java/lang/Object", "java/lang/Thread")));
        t("self super", () -> {
            byte[] b = cls("A5", "A5");
            return new Asm.Loader().put("A5", b).loadClass("A5");
        });
        t("cycle", () -> new Asm.Loader().put("C1", cls("C1", "C2")).put("C2", cls("C2", "C1")).loadClass("C1"));
        t("icycle",
            ()
                -> new Asm.Loader()
                       .put("I1", new Asm(0x601, "I1", "java/lang/Object", "I2").build())
                       .put("I2", new Asm(0x601, "I2", "java/lang/Object", "I1").build())
                       .loadClass("I1"));
        t("dup iface", () -> def(cls("A6", "java/lang/Object", "java/lang/Runnable", "java/lang/Runnable")));
        t("no super", () -> def(new Asm(0x21, "A7", null).build()));
        t("final abstract", () -> def(new Asm(0x431, "A8", "java/lang/Object").build()));
        t("iface flags", () -> def(new Asm(0x201, "A9", "java/lang/Object").build()));
        t("enum super", () -> def(cls("A10", "java/lang/Enum")).getSuperclass());
        t("iface super", () -> def(new Asm(0x601, "A11", "java/lang/Thread").build()));
        t("dup method",
            ()
                -> def(new Asm(0x21, "A12", "java/lang/Object")
                           .method(9, "m", "()V", 0, 0, 0xb1)
                           .method(9, "m", "()V", 0, 0, 0xb1)
                           .build()));
        t("dup field",
            () -> def(new Asm(0x21, "A13", "java/lang/Object").field(9, "m", "I").field(9, "m", "I").build()));
        t("bad desc", () -> def(new Asm(0x21, "A14", "java/lang/Object").field(9, "m", "Q").build()));
        t("bad mdesc", () -> def(new Asm(0x21, "A15", "java/lang/Object").method(9, "m", "(V)V", 0, 0, 0xb1).build()));
        t("bad mname", () -> def(new Asm(0x21, "A16", "java/lang/Object").method(9, "a<b", "()V", 0, 0, 0xb1).build()));
        t("bad fname", () -> def(new Asm(0x21, "A17", "java/lang/Object").field(9, "a/b", "I").build()));
        t("no code", () -> def(new Asm(0x21, "A18", "java/lang/Object").method(9, "m", "()V", 0, 0, null).build()));
        t("abstract code",
            () -> def(new Asm(0x421, "A19", "java/lang/Object").method(0x401, "m", "()V", 0, 0, 0xb1).build()));
        t("native code",
            () -> def(new Asm(0x421, "A20", "java/lang/Object").method(0x101, "m", "()V", 0, 0, 0xb1).build()));
        t("two access", () -> def(new Asm(0x21, "A21", "java/lang/Object").method(3, "m", "()V", 0, 1, 0xb1).build()));
        t("final volatile", () -> def(new Asm(0x21, "A22", "java/lang/Object").field(0x51, "f", "I").build()));
        t("args size", () -> def(new Asm(0x21, "A23", "java/lang/Object").method(9, "m", "(JJ)V", 0, 1, 0xb1).build()));
        t("empty code", () -> def(new Asm(0x21, "A24", "java/lang/Object").method(9, "m", "()V", 0, 0).build()));
        t("iface field", () -> def(new Asm(0x601, "A25", "java/lang/Object").field(1, "f", "I").build()));
        t("bad class name", () -> def(cls("a;b", "java/lang/Object")));
        t("init static",
            () -> def(new Asm(0x21, "A26", "java/lang/Object").method(9, "<init>", "()V", 0, 0, 0xb1).build()));
        t("init ret",
            () -> def(new Asm(0x21, "A27", "java/lang/Object").method(1, "<init>", "()I", 0, 1, 0xb1).build()));
        t("src attr", () -> def(new Asm(0x21, "A28", "java/lang/Object").attribute("SourceFile", new byte[3]).build()));
        t("inner attr",
            () -> def(new Asm(0x21, "A29", "java/lang/Object").attribute("InnerClasses", new byte[] {0, 5}).build()));
        t("unknown attr",
            () -> def(new Asm(0x21, "A30", "java/lang/Object").attribute("Whatever", new byte[7]).build()).getName());
        t("module", () -> def(new Asm(0x8000, "module-info", null).build()));
        t("array name", () -> def(cls("[I", "java/lang/Object")));
        t("native",
            ()
                -> def(new Asm(0x21, "A31", "java/lang/Object").method(0x109, "nat", "(I)V", 0, 0, null).build())
                       .getMethod("nat", int.class)
                       .invoke(null, 1));
        t("null bytes", () -> def(null));
        t("bounds", () -> new ClassLoader() {
            Class<?> d() {
                return defineClass("x", new byte[3], 1, 9);
            }
        }.d());
        Par par = new Par();
        ExecutorService ex = Executors.newFixedThreadPool(4);
        List<Future<Class<?>>> fs = new ArrayList<>();
        for (int i = 0; i < 16; i++) fs.add(ex.submit(() -> par.loadClass("P")));
        Set<Class<?>> set = new HashSet<>();
        for (Future<Class<?>> f : fs) set.add(f.get());
        ex.shutdown();
        System.out.println(set.size() + " " + par.defs + " " + par.getName() + " " + par.getParent());
        t("not found", () -> par.loadClass("Q"));
        t("forName", () -> Class.forName("Q", true, par));
        t("boot", () -> Class.forName("java.lang.String", true, par) == String.class);
        t("array", () -> Class.forName("[LP;", true, par).getComponentType().getClassLoader() == par);
        t("find app", () -> par.loadClass("Loaders"));
        ClassLoader isolated = new ClassLoader(Loaders.class.getClassLoader()) {
            public Class<?> loadClass(String n) throws ClassNotFoundException {
                if (!n.startsWith("Loaders$Twin"))
                    return super.loadClass(n);
                try (InputStream in = Loaders.class.getResourceAsStream("/" + n + ".class")) {
                    byte[] b = in.readAllBytes();
                    return defineClass(n, b, 0, b.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(n, e);
                }
            }
        };
        Class<?> twin = isolated.loadClass("Loaders$Twin");
        Object o = twin.getDeclaredConstructor().newInstance();
        System.out.println(twin == Twin.class);
        System.out.println(o instanceof Twin);
        t("cast twin", () -> ((Twin) o).toString().replaceAll("x", ""));
        System.out.println(twin.getDeclaredField("count") + " " + Twin.count);
        t("pkg private", () -> {
            Method m = twin.getDeclaredMethod("hidden");
            return m.invoke(o);
        });
        t("constraint", () -> twin.getMethod("give").invoke(o));
        t("null loader",
            ()
                -> new Asm
                       .Loader() {
                           protected Class<?> findClass(String n) {
                               return null;
                           }
                       }
                       .loadClass("zzz"));
        t("wrong", () -> Class.forName("q.X", true, new ClassLoader() {
            public Class<?> loadClass(String n) {
                return String.class;
            }
        }));
        t("throws", () -> Class.forName("q.X", true, new ClassLoader() {
            public Class<?> loadClass(String n) {
                throw new IllegalStateException("from loader");
            }
        }));
        t("uses null",
            ()
                -> new Asm
                       .Loader() {
                           protected Class<?> loadClass(String n, boolean r) throws ClassNotFoundException {
                               if (n.equals("no.Super"))
                                   return null;
                               return super.loadClass(n, r);
                           }
                       }
                       .define("U", cls("U", "no/Super")));
        System.out.println(ClassLoader.getSystemClassLoader().getName() + ClassLoader.getPlatformClassLoader().getName()
            + Loaders.class.getClassLoader().getClass().getName() + Object.class.getClassLoader()
            + int[].class.getClassLoader() + new Loaders[0].getClass().getClassLoader().getName());
        Thread.currentThread().setContextClassLoader(par);
        System.out.println(Thread.currentThread().getContextClassLoader() == par);
        t("bad verify", () -> {
            Class<?> c = def(
                new Asm(0x21, "V1", "java/lang/Object").method(9, "m", "()Ljava/lang/Object;", 1, 0, 1, 0xb0).build());
            return c.getMethod("m").invoke(null);
        });
        t("deep", () -> {
            Asm.Loader l = new Asm.Loader();
            l.put("H0", cls("H0", "java/lang/Object"));
            for (int i = 1; i < 40; i++) l.put("H" + i, cls("H" + i, "H" + (i - 1)));
            return l.loadClass("H39").getDeclaredConstructor().newInstance().getClass().getName();
        });
    }
    public static class Twin {
        static int count;
        public Twin() {
            count++;
        }
        Object hidden() {
            return 1;
        }
        public Loaders give() {
            return null;
        }
    }
}
