// Methods near the limit of 64 KB, large switches, deep nesting, many constants (compiled in the process).
// gc-stress: 200000
// timeout: 120
import java.util.*;
import lib.*;
public class BigMethods {
    public static void main(String[] args) throws Exception {
        StringBuilder big = new StringBuilder(
                          "public class Big { public static long big(int n) { long x = n; int i = n;"),
                      sw = new StringBuilder("public class Sw { public static int sw(int n) { switch (n) {"),
                      str = new StringBuilder("public class Str { public static int str(String s) { switch (s) {"),
                      loc = new StringBuilder("public class Loc { public static long loc(int n) {"),
                      loops = new StringBuilder("public class Loops { public static int loops() { int c = 0;");
        for (int i = 0; i < 2700; i++)
            big.append("x = x * 31 + ").append(i * 40503L % 100000).append("; if (x < 0) x = -x; ");
        for (int i = 0; i < 2500; i++) sw.append("case ").append(i * 3).append(": n += ").append(i).append("; break; ");
        for (int i = 0; i < 400; i++) str.append("case \"key").append(i).append("\": return ").append(i).append("; ");
        for (int i = 0; i < 600; i++)
            loc.append(i % 2 == 0 ? "long" : "double").append(" v").append(i).append(" = n + ").append(i).append("; ");
        loc.append("long r = 0; for (int k = 0; k < 3; k++) { ");
        for (int i = 0; i < 600; i++) loc.append("v").append(i).append(" += k; r += (long) v").append(i).append("; ");
        for (int i = 0; i < 12; i++)
            loops.append("for (int i")
                .append(i)
                .append(" = 0; i")
                .append(i)
                .append(" < 2; i")
                .append(i)
                .append("++) { ");
        Map<String, byte[]> m = Compile.sources(big + " return x + i; } }", sw + " default: n = -n; } return n; } }",
            str + " } return -1; } }", loc + "} return r; } }",
            loops + "c++;"
                + "}".repeat(12) + " return c; } }");
        Asm.Loader l = new Asm.Loader();
        m.forEach(l::put);
        for (String n : m.keySet()) System.out.println(n + " " + m.get(n).length / 1000);
        for (int i = 0; i < 3; i++) System.out.println(l.loadClass("Big").getMethod("big", int.class).invoke(null, i));
        long sum = 0;
        for (int i = -5; i < 7600; i++)
            sum = sum * 31 + (int) l.loadClass("Sw").getMethod("sw", int.class).invoke(null, i);
        System.out.println(sum);
        for (String s : new String[] {"key0", "key399", "key400", "", "key77"})
            System.out.println(l.loadClass("Str").getMethod("str", String.class).invoke(null, s));
        System.out.println(l.loadClass("Loc").getMethod("loc", int.class).invoke(null, 1) + " "
            + l.loadClass("Loops").getMethod("loops").invoke(null));
        try {
            Compile.sources(
                big.substring(0, big.length()) + "x = x * 31 + 123456789L; ".repeat(6000) + " return x; } }");
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage().contains("code too large"));
        }
    }
}
