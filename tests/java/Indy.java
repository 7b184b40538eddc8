// invokedynamic and dynamic constants of hand-made classes: call sites, arguments of every kind, failures; hidden
// classes.
import java.lang.invoke.*;
import java.lang.reflect.*;
import java.util.*;
import lib.Asm;
public class Indy {
    static int links;
    static MutableCallSite site;
    interface Act {
        Object run() throws Throwable;
    }
    static void t(String n, Act a) {
        try {
            System.out.println(n + " = " + a.run());
        } catch (InvocationTargetException e) {
            System.out.println((n + ": ITE " + e.getCause() + " / " + e.getCause().getCause()).replaceAll("@[0-9a-f]+", "@H"));
        } catch (Throwable e) {
            System.out.println((n + ": " + e + " / " + e.getCause()).replaceAll("0x[0-9a-f]+|@[0-9a-f]+", "@H"));
        }
    }
    public static CallSite bsm(MethodHandles.Lookup l, String name, MethodType type, Object... extra) throws Throwable {
        links++;
        System.out.println("link " + name + type + Arrays.toString(extra) + l.lookupClass().getSimpleName());
        if (name.equals("fail"))
            throw new IllegalStateException("bsm");
        if (name.equals("error"))
            throw new Error("bsm error");
        if (name.equals("nul"))
            return null;
        if (name.equals("wrong"))
            return new ConstantCallSite(MethodHandles.constant(String.class, "x"));
        if (name.equals("mut"))
            return site = new MutableCallSite(
                       MethodHandles.dropArguments(MethodHandles.constant(int.class, 1), 0, int.class));
        return new ConstantCallSite(MethodHandles.lookup().findStatic(Indy.class, "twice", type));
    }
    public static Object bsmObj(Object l, Object name, Object type) {
        return new ConstantCallSite(MethodHandles.constant(int.class, 77));
    }
    public static int twice(int x) {
        return 2 * x;
    }
    public static Object notSite(MethodHandles.Lookup l, String n, MethodType t) {
        return "not";
    }
    public static Object con(MethodHandles.Lookup l, String name, Class<?> type, Object... extra) {
        links++;
        System.out.println("condy " + name + " " + type + Arrays.toString(extra));
        if (name.equals("fail"))
            throw new IllegalArgumentException("con");
        if (name.equals("nul"))
            return null;
        if (type == int.class)
            return 5;
        if (type == long.class)
            return 6L;
        if (type == double.class)
            return 2.5;
        if (type == boolean.class)
            return true;
        return List.of(name);
    }
    static final String L = "Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;",
                        SITE = "(" + L + "Ljava/lang/invoke/MethodType;[Ljava/lang/Object;)Ljava/lang/invoke/CallSite;",
                        CON = "(" + L + "Ljava/lang/Class;[Ljava/lang/Object;)Ljava/lang/Object;";
    static Method indy(String bsm, String bd, String name, String desc, int kind,
        java.util.function.Function<Asm, int[]> extra) throws Exception {
        Asm a = new Asm(0x21, "D", "java/lang/Object");
        int b = a.bootstrap(a.handle(kind, a.method("Indy", bsm, bd)), extra == null ? new int[0] : extra.apply(a));
        a.method(9, "m", "(I)I", 2, 1, 0x1a, 0xba, Asm.ref(a.indy(b, name, desc)), 0, 0, 0xac);
        return new Asm.Loader().define("D", a.build()).getMethod("m", int.class);
    }
    static Method condy(String name, String desc, int op, int ret, String rd,
        java.util.function.Function<Asm, int[]> extra) throws Exception {
        Asm a = new Asm(0x21, "E", "java/lang/Object");
        int b = a.bootstrap(a.handle(6, a.method("Indy", "con", CON)), extra == null ? new int[0] : extra.apply(a));
        a.method(9, "m", "()" + rd, 2, 0, op, Asm.ref(a.condy(b, name, desc)), ret);
        return new Asm.Loader().define("E", a.build()).getMethod("m");
    }
    static void twiceT(String n, Method m, Object... args) {
        for (int i = 0; i < 3; i++) t(n, () -> m.invoke(null, args));
    }
    public static void main(String[] args) throws Throwable {
        twiceT("plain", indy("bsm", SITE, "twice", "(I)I", 6, null), 21);
        twiceT("extra",
            indy("bsm", SITE, "x", "(I)I", 6,
                a
                -> new int[] {a.integer(7), a.string("s"), a.longValue(8L), a.type("java/util/List"),
                    a.methodType("(IJ)V"), a.handle(6, a.method("Indy", "twice", "(I)I"))}),
            4);
        twiceT("fail", indy("bsm", SITE, "fail", "(I)I", 6, null), 1);
        twiceT("error", indy("bsm", SITE, "error", "(I)I", 6, null), 1);
        twiceT("null", indy("bsm", SITE, "nul", "(I)I", 6, null), 1);
        twiceT("wrong", indy("bsm", SITE, "wrong", "(I)I", 6, null), 1);
        twiceT("missing", indy("nope", SITE, "x", "(I)I", 6, null), 1);
        twiceT("kind", indy("bsm", SITE, "x", "(I)I", 5, null), 1);
        twiceT("notSite",
            indy("notSite", "(" + L + "Ljava/lang/invoke/MethodType;)Ljava/lang/Object;", "x", "(I)I", 6, null), 1);
        Method mu = indy("bsm", SITE, "mut", "(I)I", 6, null);
        t("mut", () -> mu.invoke(null, 3));
        site.setTarget(
            MethodHandles.lookup().findStatic(Indy.class, "twice", MethodType.methodType(int.class, int.class)));
        t("mut2", () -> mu.invoke(null, 3));
        t("badset", () -> {
            site.setTarget(MethodHandles.constant(int.class, 1));
            return 0;
        });
        twiceT("condy", condy("c", "Ljava/lang/Object;", 0x13, 0xb0, "Ljava/lang/Object;", null));
        twiceT("int", condy("i", "I", 0x13, 0xac, "I", null));
        twiceT("long", condy("l", "J", 0x14, 0xad, "J", null));
        twiceT("double", condy("d", "D", 0x14, 0xaf, "D", null));
        twiceT("bool", condy("z", "Z", 0x13, 0xac, "Z", null));
        twiceT("cfail", condy("fail", "I", 0x13, 0xac, "I", null));
        twiceT("cnull", condy("nul", "Ljava/util/List;", 0x13, 0xb0, "Ljava/lang/Object;", null));
        twiceT("ctype", condy("x", "Ljava/lang/String;", 0x13, 0xb0, "Ljava/lang/Object;", null));
        twiceT("cextra",
            condy("e", "Ljava/util/List;", 0x13, 0xb0, "Ljava/lang/Object;",
                a
                -> new int[] {
                    a.condy(a.bootstrap(a.handle(6, a.method("Indy", "con", CON))), "inner", "Ljava/util/List;"),
                    a.integer(3)}));
        Asm mh = new Asm(0x21, "F", "java/lang/Object");
        mh.method(9, "h", "()Ljava/lang/Object;", 1, 0, 0x13, Asm.ref(mh.handle(6, mh.method("Indy", "twice", "(I)I"))),
            0xb0);
        mh.method(9, "t", "()Ljava/lang/Object;", 1, 0, 0x13, Asm.ref(mh.methodType("(I[Ljava/lang/String;)V")), 0xb0);
        mh.method(9, "c", "()Ljava/lang/Object;", 1, 0, 0x13, Asm.ref(mh.type("[[I")), 0xb0);
        mh.method(9, "bad", "()Ljava/lang/Object;", 1, 0, 0x13,
            Asm.ref(mh.handle(6, mh.method("Indy", "gone", "(I)I"))), 0xb0);
        mh.method(
            9, "f", "()Ljava/lang/Object;", 1, 0, 0x13, Asm.ref(mh.handle(2, mh.field("Indy", "links", "I"))), 0xb0);
        mh.method(9, "v", "()Ljava/lang/Object;", 1, 0, 0x13,
            Asm.ref(mh.handle(5, mh.method("java/lang/String", "length", "()I"))), 0xb0);
        mh.method(9, "n", "()Ljava/lang/Object;", 1, 0, 0x13,
            Asm.ref(mh.handle(8, mh.method("java/util/ArrayList", "<init>", "()V"))), 0xb0);
        mh.method(9, "i", "()Ljava/lang/Object;", 1, 0, 0x13,
            Asm.ref(mh.handle(9, mh.interfaceMethod("java/util/List", "size", "()I"))), 0xb0);
        mh.method(9, "mt", "()Ljava/lang/Object;", 1, 0, 0x13, Asm.ref(mh.methodType("(Lno/Such;)V")), 0xb0);
        Class<?> f = new Asm.Loader().define("F", mh.build());
        for (String s : "h t c bad bad f v n i mt mt".split(" ")) t(s, () -> f.getMethod(s).invoke(null));
        t("h2", () -> ((MethodHandle) f.getMethod("h").invoke(null)).invoke(4));
        t("i2", () -> ((MethodHandle) f.getMethod("i").invoke(null)).invoke(List.of(1, 2)));
        t("n2", () -> ((MethodHandle) f.getMethod("n").invoke(null)).invoke());
        byte[] hid =
            new Asm(0x21, "Hid", "java/lang/Object").constructor("java/lang/Object").field(9, "s", "I").build();
        MethodHandles.Lookup hl =
            MethodHandles.lookup().defineHiddenClass(hid, true, MethodHandles.Lookup.ClassOption.NESTMATE);
        Class<?> hc = hl.lookupClass();
        System.out.println(hc.getName().startsWith("Hid/") + " " + hc.isHidden() + hc.getNestHost()
            + hc.getSimpleName().startsWith("Hid/") + hc.getCanonicalName() + hc.descriptorString().startsWith("LHid.")
            + (hc.getDeclaredConstructor().newInstance().getClass() == hc));
        t("find hidden", () -> Class.forName(hc.getName()));
        t("hidden2", () -> MethodHandles.lookup().defineHiddenClass(hid, true).lookupClass() != hc);
        t("data",
            ()
                -> MethodHandles.classData(
                    MethodHandles.lookup().defineHiddenClassWithClassData(hid, List.of("cd"), true), "_", List.class));
        t("final hidden", () -> {
            Field x = hc.getField("s");
            x.setInt(null, 5);
            return x.getInt(null);
        });
        t("pkg",
            ()
                -> MethodHandles.lookup().defineHiddenClass(
                    new Asm(0x21, "other/Hid", "java/lang/Object").build(), true));
        t("defineClass",
            ()
                -> MethodHandles.lookup().defineClass(new Asm(0x21, "Def", "java/lang/Object").build())
                == Class.forName("Def"));
        t("defineClass2", () -> MethodHandles.lookup().defineClass(new Asm(0x21, "Def", "java/lang/Object").build()));
        t("hidden array", () -> Array.newInstance(hc, 2).getClass().getName().startsWith("[LHid/"));
        System.out.println(links);
    }
}
