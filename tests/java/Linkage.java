// Linkage errors: classes that changed since their user was compiled. Each case: sources, then newer sources.
// timeout: 240
// gc-stress: 100000
import java.util.*;
import lib.*;
public class Linkage {
    static void t(String name, String user, String before, String after) throws Exception {
        Map<String, byte[]> m = Compile.sources(
            "public class User { public static Object run() throws Throwable { " + user + " } }", before);
        if (after != null)
            m.putAll(Compile.sources(after));
        else
            m.keySet().removeIf(k -> !k.equals("User"));
        Asm.Loader l = new Asm.Loader();
        m.forEach(l::put);
        for (int i = 0; i < 2; i++) try {
                System.out.println(
                    (name + " = " + l.loadClass("User").getMethod("run").invoke(null)).replaceAll("@[0-9a-f]+", "@H"));
            } catch (java.lang.reflect.InvocationTargetException e) {
                Throwable c = e.getCause();
                System.out.println(name + ": " + c.toString().replaceAll("@[0-9a-f]+", "@H")
                    + (c.getCause() == null ? "" : " / " + c.getCause()));
            } catch (LinkageError e) {
                System.out.println(name + "! " + e.toString().replaceAll("@[0-9a-f]+", "@H"));
            }
    }
    public static void main(String[] args) throws Exception {
        t("same", "return T.f;", "class T { static int f = 1; }", "class T { static int f = 2; }");
        t("no class", "return new T();", "class T { }", null);
        t("no field", "return T.f;", "class T { static int f = 1; }", "class T { }");
        t("no put", "T.f = 1; return 0;", "class T { static int f = 1; }", "class T { static long f; }");
        t("no inst field", "return new T().g;", "class T { String g; }", "class T { }");
        t("static to inst", "return T.f;", "class T { static int f = 1; }", "class T { int f; }");
        t("inst to static", "return new T().f;", "class T { int f = 1; }", "class T { static int f; }");
        t("put inst to static", "new T().f = 3; return 0;", "class T { int f = 1; }", "class T { static int f; }");
        t("private field", "return T.f;", "class T { static int f = 1; }", "class T { private static int f = 2; }");
        t("final field", "T.f = 4; return 0;", "class T { static int f = 1; }",
            "class T { static final Integer g = 2; static final int f = g; }");
        t("final inst", "new T().f = 4; return 0;", "class T { int f = 1; }", "class T { final int f = 2; }");
        t("no method", "T.m(); return 0;", "class T { static void m() { } }", "class T { }");
        t("no method2", "return new T().m(1, null, new int[0]);",
            "class T { int m(int a, String b, int[] c) { return 1; } }",
            "class T { long m(int a, String b, int[] c) { return 1; } }");
        t("no ctor", "return new T(1);", "class T { T(int i) { } }", "class T { }");
        t("private ctor", "return new T();", "class T { T() { } }", "class T { private T() { } }");
        t("private m", "T.m(); return 0;", "class T { static void m() { } }",
            "class T { private static void m() { } }");
        t("private virt", "new T().m(); return 0;", "class T { void m() { } }", "class T { private void m() { } }");
        t("m static to inst", "T.m(); return 0;", "class T { static void m() { } }", "class T { void m() { } }");
        t("m inst to static", "new T().m(); return 0;", "class T { void m() { } }", "class T { static void m() { } }");
        t("class to interface", "T.m(); return 0;", "class T { static void m() { } }",
            "interface T { static void m() { } }");
        t("virt class to interface", "T x = null; if (U.n > 0) x = new U(); x.m(); return 0;",
            "class T { void m() { } } class U extends T { static int n = 1; }",
            "interface T { void m(); } class U implements T { static int n = 1; public void m() { } }");
        t("interface to class", "T x = new U(); x.m(); return 0;",
            "interface T { void m(); } class U implements T { public void m() { } }",
            "class T { public void m() { } } class U extends T { }");
        t("new abstract", "return new T();", "class T { }", "abstract class T { }");
        t("new interface", "return new T();", "class T { }", "interface T { }");
        t("new enum", "return new T();", "class T { }", "enum T { A }");
        t("abstract", "T x = new U(); x.m(); return 0;",
            "abstract class T { abstract void m(); } class U extends T { void m() { } }",
            "abstract class T { abstract void m(); static class Q { } } class W { }");
        t("final super", "return new U();", "class T { } class U extends T { }", "final class T { } class V { }");
        t("super interface", "return new U();", "class T { } class U extends T { }", "interface T { } class V { }");
        t("implements class", "return new U();", "interface T { } class U implements T { }", "class T { } class V { }");
        t("final method", "return new U();", "class T { void m() { } } class U extends T { void m() { } }",
            "class T { final void m() { } } class V { }");
        t("added abstract", "T x = new U(); return x.n();",
            "interface T { void m(); default int n() { return 1; } } class U implements T { public void m() { } }",
            "interface T { void m(); int n(); } class V { }");
        t("default conflict", "return new U().n();",
            "interface T { default int n() { return 1; } } interface S { } class U implements T, S { }",
            "interface T { default int n() { return 1; } } interface S { default int n() { return 2; } } class V { }");
        t("not implementing", "T x = U.make(); x.m(); return 0;",
            "interface T { void m(); } class U implements T { public void m() { } static T make() { return new U(); } }",
            "interface T { void m(); } class U { public void m() { } static T make() { return (T) (Object) new U(); } }");
        t("non public impl", "T x = new U(); x.m(); return 0;",
            "interface T { void m(); } abstract class P { public void m() { } } class U extends P implements T { }",
            "abstract class P { void m() { } } interface V { }");
        t("circular", "return new U();", "class T { } class U extends T { }",
            "class T extends X { } class X extends T2 { } class T2 { }");
        t("missing super", "return new U();", "class T { } class U extends T { }", "class V { } class W { }");
        t("catch missing", "try { throw new RuntimeException(\"r\"); } catch (T e) { return 1; }",
            "class T extends RuntimeException { }", null);
        t("cast missing", "Object o = null; return (T) o;", "class T { }", null);
        t("cast missing2", "Object o = \"\"; return (T) o;", "class T { }", null);
        t("instanceof missing", "Object o = null; return o instanceof T;", "class T { }", null);
        t("instanceof missing2", "Object o = 1; return o instanceof T;", "class T { }", null);
        t("array missing", "return new T[2].length;", "class T { }", null);
        t("literal missing", "return T.class;", "class T { }", null);
        t("enum constant gone", "T t = T.A; switch (t) { case A: return 1; case B: return 2; } return t;",
            "enum T { A, B }", "enum T { B }");
        t("enum constant gone2", "T t = T.B; switch (t) { case A: return 1; case B: return 2; } return t;",
            "enum T { A, B }", "enum T { B }");
        t("enum new constant", "return switch (T.valueOf(\"C\")) { case A -> 1; case B -> 2; };", "enum T { A, B }",
            "enum T { A, B, C }");
        t("protected", "return T.m(new Object());", "class T { static Object m(Object o) { return 1; } }",
            "class T { protected static Object m(Object o) { return 2; } }");
        t("lambda gone", "java.util.function.Supplier<Object> s = T::m; return s.get();",
            "class T { static Object m() { return 1; } }", "class T { }");
        t("record comp", "return new T(1).a();", "record T(int a) { }", "record T(int b) { }");
        t("constant inlined", "return T.C + T.D;", "class T { static final int C = 1; static int D = 1; }",
            "class T { static final int C = 100; static int D = 100; }");
        t("sealed", "return new U();", "class T { } class U extends T { }",
            "sealed class T permits V { } final class V extends T { }");
    }
}
