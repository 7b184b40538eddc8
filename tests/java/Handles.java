// MethodHandles and VarHandles: lookups, combinators, access modes, errors.
import java.lang.invoke.*;
import java.nio.*;
import java.util.*;
public class Handles {
    interface Act {
        Object run() throws Throwable;
    }
    static void t(String n, Act a) {
        try {
            Object v = a.run();
            System.out.println(n + " = " + (v instanceof Object[] o ? Arrays.deepToString(o) : v));
        } catch (Throwable e) {
            System.out.println(n + ": " + e);
        }
    }
    int f = 1;
    volatile long l = 2;
    private String s = "s";
    static int st = 3;
    final int fin = 4;
    byte b;
    short sh;
    char c;
    float fl;
    double d;
    boolean z;
    Object o;
    static String cat(String a, int b, long c, double d) {
        return a + b + c + d;
    }
    int inst(int x) {
        return f + x;
    }
    private int priv() {
        return 99;
    }
    static int var(int a, Object... r) {
        return a + r.length;
    }
    static int thrower(int x) {
        throw new IllegalArgumentException("x" + x);
    }
    static class Sub extends Handles {
        int inst(int x) {
            return -x;
        }
        int viaSuper(int x) throws Throwable {
            return (int) MethodHandles.lookup()
                .findSpecial(Handles.class, "inst", MethodType.methodType(int.class, int.class), Sub.class)
                .invoke(this, x);
        }
    }

    public static void main(String[] args) throws Throwable {
        MethodHandles.Lookup lk = MethodHandles.lookup();
        MethodType i1 = MethodType.methodType(int.class, int.class);
        MethodHandle cat = lk.findStatic(Handles.class, "cat",
            MethodType.methodType(String.class, String.class, int.class, long.class, double.class));
        t("exact", () -> (String) cat.invokeExact("a", 1, 2L, 3.0));
        t("inexact", () -> (String) cat.invokeExact("a", 1, 2, 3.0));
        t("invoke", () -> cat.invoke("a", (byte) 1, 2, 3f));
        t("invoke bad", () -> cat.invoke("a", 1L, 2, 3));
        t("args", () -> cat.invokeWithArguments("a", 1, 2, 3));
        t("args bad", () -> cat.invokeWithArguments("a"));
        t("virtual", () -> (int) lk.findVirtual(Handles.class, "inst", i1).invoke((Handles) new Sub(), 5));
        t("special", () -> new Sub().viaSuper(5));
        t("private",
            () -> lk.findVirtual(Handles.class, "priv", MethodType.methodType(int.class)).invoke(new Handles()));
        t("none", () -> lk.findStatic(Handles.class, "none", i1));
        t("static as virtual",
            () -> lk.findVirtual(Handles.class, "var", MethodType.methodType(int.class, int.class, Object[].class)));
        t("no access", () -> lk.findVirtual(String.class, "isLatin1", MethodType.methodType(boolean.class)));
        t("public lookup",
            ()
                -> MethodHandles.publicLookup().findStatic(
                    Handles.class, "var", MethodType.methodType(int.class, int.class, Object[].class)));
        MethodHandle var =
            lk.findStatic(Handles.class, "var", MethodType.methodType(int.class, int.class, Object[].class));
        t("var",
            ()
                -> var.invoke(1, "a", "b") + "" + var.invoke(1) + var.invoke(1, new Object[5])
                + var.isVarargsCollector() + var.asFixedArity().invoke(1, new Object[2]));
        t("ctor",
            ()
                -> lk.findConstructor(ArrayList.class, MethodType.methodType(void.class, Collection.class))
                       .invoke(List.of(1)));
        t("bind", () -> cat.bindTo("B").invoke(1, 2, 3));
        t("insert", () -> MethodHandles.insertArguments(cat, 1, 7, 8L).invoke("I", 1.5));
        t("drop", () -> MethodHandles.dropArguments(cat, 1, Object.class, int.class).invoke("D", null, 0, 1, 2L, 3d));
        t("permute",
            ()
                -> MethodHandles
                       .permuteArguments(
                           cat, MethodType.methodType(String.class, double.class, int.class, String.class), 2, 1, 1, 0)
                       .type());
        t("filter",
            ()
                -> MethodHandles
                       .filterArguments(
                           cat, 0, lk.findVirtual(String.class, "toUpperCase", MethodType.methodType(String.class)))
                       .invoke("up", 1, 2, 3));
        t("filterRet",
            ()
                -> MethodHandles
                       .filterReturnValue(cat, lk.findVirtual(String.class, "length", MethodType.methodType(int.class)))
                       .invoke("up", 1, 2, 3));
        t("collect",
            ()
                -> MethodHandles
                       .collectArguments(cat, 1,
                           lk.findStatic(Math.class, "max", MethodType.methodType(int.class, int.class, int.class)))
                       .invoke("c", 4, 9, 1, 1));
        t("fold",
            ()
                -> MethodHandles
                       .foldArguments(
                           lk.findStatic(Math.class, "max", MethodType.methodType(int.class, int.class, int.class)),
                           lk.findStatic(Math.class, "abs", i1))
                       .invoke(-5));
        t("spread", () -> cat.asSpreader(Object[].class, 4).invoke(new Object[] {"s", 1, 2L, 3.0}));
        t("spread bad", () -> cat.asSpreader(Object[].class, 4).invoke(new Object[] {"s"}));
        t("collector",
            ()
                -> lk.findStatic(Arrays.class, "asList", MethodType.methodType(List.class, Object[].class))
                       .asCollector(Object[].class, 3)
                       .invoke(1, 2, 3));
        t("asType",
            ()
                -> cat.asType(
                          MethodType.methodType(Object.class, Object.class, Integer.class, Object.class, Object.class))
                       .invoke("t", (Integer) 1, (Object) 2L, (Object) 3.0));
        t("asType bad", () -> cat.asType(MethodType.methodType(int.class, Object.class)));
        t("asType cce",
            ()
                -> (Object) cat
                       .asType(MethodType.methodType(Object.class, Object.class, int.class, long.class, double.class))
                       .invokeExact((Object) 5, 1, 2L, 3.0));
        t("explicit",
            ()
                -> MethodHandles
                       .explicitCastArguments(
                           lk.findStatic(Math.class, "abs", i1), MethodType.methodType(byte.class, double.class))
                       .invoke(-300.7));
        t("guard", () -> {
            MethodHandle g = MethodHandles.guardWithTest(
                lk.findVirtual(String.class, "isEmpty", MethodType.methodType(boolean.class)),
                MethodHandles.dropArguments(MethodHandles.constant(String.class, "E"), 0, String.class),
                MethodHandles.identity(String.class));
            return g.invoke("") + "" + g.invoke("q");
        });
        MethodHandle thr = lk.findStatic(Handles.class, "thrower", i1);
        t("catch",
            ()
                -> MethodHandles
                       .catchException(thr, IllegalArgumentException.class,
                           MethodHandles.dropArguments(
                               MethodHandles.constant(int.class, -1), 0, IllegalArgumentException.class))
                       .invoke(1));
        t("throw", () -> thr.invoke(7));
        t("tryFinally",
            ()
                -> MethodHandles
                       .tryFinally(MethodHandles.identity(int.class),
                           MethodHandles.permuteArguments(MethodHandles.identity(int.class),
                               MethodType.methodType(int.class, Throwable.class, int.class, int.class), 1))
                       .invoke(4));
        t("loop",
            ()
                -> MethodHandles
                       .countedLoop(MethodHandles.constant(int.class, 5), MethodHandles.constant(int.class, 1),
                           lk.findStatic(Handles.class, "body", MethodType.methodType(int.class, int.class, int.class)))
                       .invoke());
        t("iterate",
            ()
                -> MethodHandles
                       .iteratedLoop(null, MethodHandles.constant(String.class, ""),
                           lk.findVirtual(String.class, "concat", MethodType.methodType(String.class, String.class)))
                       .invoke(List.of("a", "b", "c").iterator() instanceof Iterator ? List.of("x", "y") : null));
        t("array", () -> {
            int[] x = {1, 2};
            MethodHandles.arrayElementSetter(int[].class).invoke(x, 1, 9);
            return MethodHandles.arrayElementGetter(int[].class).invoke(x, 1) + ""
                + MethodHandles.arrayLength(int[].class).invoke(x)
                + MethodHandles.arrayConstructor(long[].class).invoke(3).getClass();
        });
        t("array oob", () -> MethodHandles.arrayElementGetter(int[].class).invoke(new int[1], 3));
        t("npe", () -> lk.findVirtual(String.class, "length", MethodType.methodType(int.class)).invoke((String) null));
        t("unreflect", () -> lk.unreflect(Handles.class.getDeclaredMethod("body", int.class, int.class)).invoke(2, 3));
        t("proxy",
            ()
                -> ((Comparator<Object>) MethodHandleProxies.asInterfaceInstance(Comparator.class,
                        MethodHandles.dropArguments(
                            MethodHandles.constant(int.class, 3), 0, Object.class, Object.class)))
                       .compare(1, 2));
        t("type",
            ()
                -> MethodType.fromMethodDescriptorString("(I[Ljava/lang/String;J)V", null) + " "
                + cat.type().changeReturnType(int.class).generic().wrap() + cat.type().toMethodDescriptorString()
                + cat);
        t("info", () -> lk.revealDirect(cat));
        t("switch",
            ()
                -> MethodHandles
                       .tableSwitch(
                           MethodHandles.dropArguments(MethodHandles.constant(String.class, "def"), 0, int.class),
                           MethodHandles.dropArguments(MethodHandles.constant(String.class, "zero"), 0, int.class))
                       .invoke(0));
        Handles h = new Handles();
        for (String n : "f l b sh c fl d z o s".split(" ")) {
            VarHandle v = lk.findVarHandle(Handles.class, n, Handles.class.getDeclaredField(n).getType());
            Object one = switch (n) { case "f" -> 5; case "l" -> 6L; case "b" -> (byte) 7; case "sh" -> (short) 8; case "c" -> 'c'; case "fl" -> 1.5f; case "d" -> 2.5; case "z" -> true; default -> "obj"; };
            for (VarHandle.AccessMode m : VarHandle.AccessMode.values()) {
                        if (!v.isAccessModeSupported(m))
                            continue;
                        MethodHandle mh = v.toMethodHandle(m);
                t(n + " " + m, () -> switch (mh.type().parameterCount()) { case 1 -> mh.invoke(h); case 2 -> mh.invoke(h, one); default -> mh.invoke(h, one, one); });
            }
        }
        VarHandle vf = lk.findVarHandle(Handles.class, "f", int.class), vs = lk.findStaticVarHandle(Handles.class, "st", int.class), va = MethodHandles.arrayElementVarHandle(int[].class), vo = MethodHandles.arrayElementVarHandle(String[].class);
        t("cas", () -> { h.f = 1; return vf.compareAndSet(h, 1, 2) + "" + vf.compareAndSet(h, 1, 3) + (int) vf.getAndAdd(h, 5) + (int) vf.getVolatile(h) + (int) vf.getAndBitwiseOr(h, 8) + (int) vf.compareAndExchange(h, 15, 16) + h.f; });
        t("static", () -> { vs.setVolatile(10); return (int) vs.getAndSet(11) + st; });
        t("arr", () -> { int[] x = {1, 2, 3}; va.set(x, 1, 5); return va.compareAndSet(x, 1, 5, 6) + "" + x[1] + (int) va.getAcquire(x, 2); });
        t("arr oob", () -> (int) va.get(new int[2], 2));
        t("arr store", () -> { vo.set((Object) new Object[1], 0, "x"); return 0; });
        t("wrong", () -> { vf.set(h, "x"); return 0; });
        t("wrong2", () -> (Object) vf.get("x"));
        t("null", () -> (int) vf.get((Handles) null));
        t("final set", () -> { lk.findVarHandle(Handles.class, "fin", int.class).set(h, 3); return 0; });
        VarHandle bv = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN), bb = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
        t("view", () -> { byte[] x = new byte[16]; bv.set(x, 3, 0x0102030405060708L); return Arrays.toString(x) + (long) bv.get(x, 4); });
        t("view oob", () -> (long) bv.get(new byte[8], 1));
        t("bbview", () -> { ByteBuffer x = ByteBuffer.allocateDirect(16); bb.set(x, 4, 77); return (int) bb.getVolatile(x, 4) + "" + x.get(4) + bb.compareAndSet(x, 4, 77, 78); });
        t("misaligned", () -> (int) bb.getVolatile(ByteBuffer.allocateDirect(16), 1));
        VarHandle.fullFence();
        long sum = 0;
        for (int i = 0; i < 20000; i++) sum += (int) thrOrAbs(lk).invokeExact(-i);
        System.out.println(sum + " " + vf.varType() + vf.coordinateTypes() + vf.accessModeType(VarHandle.AccessMode.COMPARE_AND_SET));
    }
    static MethodHandle abs;
    static MethodHandle thrOrAbs(MethodHandles.Lookup lk) throws Throwable { return abs != null ? abs :
                                (abs = lk.findStatic(Math.class, "abs", MethodType.methodType(int.class, int.class))); }
    static int body(int acc, int i) {
                            return acc * 2 + i; }
                    }
