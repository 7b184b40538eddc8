// Locals beyond 255 (wide), iinc wide, switches, stack shuffles (dup forms), large constants, deep expressions.
public class Bytecodes {
    static int f(int i) {
        switch (i) {
            case 1:
                return 10;
            case 2:
                return 20;
            case 3:
                return 30;
            case 5:
                return 50;
            case 6:
                return 60;
            default:
                return -1;
        }
    }
    static int g(int i) {
        switch (i) {
            case Integer.MIN_VALUE:
                return 1;
            case -1000:
                return 2;
            case 0:
                return 3;
            case 77:
                return 4;
            case 1 << 20:
                return 5;
            case Integer.MAX_VALUE:
                return 6;
            default:
                return 7;
        }
    }
    static int t(int i) {
        switch (i) {
            case Integer.MAX_VALUE - 2:
                return 1;
            case Integer.MAX_VALUE - 1:
                return 2;
            case Integer.MAX_VALUE:
                return 3;
        }
        switch (i) {
            case Integer.MIN_VALUE:
                return 4;
            case Integer.MIN_VALUE + 1:
                return 5;
            case Integer.MIN_VALUE + 2:
                return 6;
        }
        return 0;
    }
    static String str(String s) {
        switch (s) {
            case "Aa":
            case "BB":
                return "collide-" + s;
            case "C#":
                return "sharp";
            case "":
                return "empty";
            case "Bb":
                return "other";
            default:
                return "none";
        }
    }
    static int fall(int i) {
        int r = 0;
        switch (i) {
            case 0:
                r++;
            case 1:
                r += 10;
            case 2:
                r += 100;
                break;
            case 3:
                r = 7;
            default:
                r += 1000;
        }
        return r;
    }
    static int yields(String s) {
        return switch (s) { case "a", "b" -> 1; case "c" -> { int q = s.length(); yield q + 41; } default -> throw new IllegalStateException(s); }; }
    long l = 5; static long sl = 7; int[] ia = {1, 2, 3}; long[] la = {4, 5, 6};
    static double sd = 1.5; String s = "x"; static String[] sa = {"p", "q"};
    void dups() {
        int i = 1; long x;
        System.out.println(l++ + ++l + l-- + --l); System.out.println(sl++ + ++sl); System.out.println(x = l = sl = 9);
        System.out.println(ia[i]++ + ++ia[i] + (ia[i++] += 5) + (ia[i] <<= 2)); System.out.println(la[0]++ + ++la[0] + (la[1] *= 3) + (la[2] = la[1] = 11));
        System.out.println(s += "y"); System.out.println(sa[1] += "z"); System.out.println(this.s += sa[0] += s); System.out.println(sd++ + --sd);
        byte[] b = {127}; b[0]++; System.out.println(b[0]); b[0] += 300; System.out.println(b[0]); char[] c = {'a'}; c[0]++; System.out.println(c[0]); c[0] += 1; System.out.println(c);
        short[] sh = {-1}; sh[0] >>>= 1; System.out.println(sh[0]); boolean[] z = {true}; z[0] ^= true; z[0] |= false; System.out.println(z[0]);
        float[] fl = {1}; fl[0] /= 3; System.out.println(fl[0]); double[] dd = {1}; dd[0]++; System.out.println(dd[0]);
    }
    static long many(int p, long q, double r, float s2) {
        long a0=1,a1=2,a2=3,a3=4,a4=5,a5=6,a6=7,a7=8,a8=9,a9=10,b0=1,b1=2,b2=3,b3=4,b4=5,b5=6,b6=7,b7=8,b8=9,b9=10;
        long c0=1,c1=2,c2=3,c3=4,c4=5,c5=6,c6=7,c7=8,c8=9,c9=10,d0=1,d1=2,d2=3,d3=4,d4=5,d5=6,d6=7,d7=8,d8=9,d9=10;
        double e0=1,e1=2,e2=3,e3=4,e4=5,e5=6,e6=7,e7=8,e8=9,e9=10,f0=1,f1=2,f2=3,f3=4,f4=5,f5=6,f6=7,f7=8,f8=9,f9=10;
        long g0=1,g1=2,g2=3,g3=4,g4=5,g5=6,g6=7,g7=8,g8=9,g9=10,h0=1,h1=2,h2=3,h3=4,h4=5,h5=6,h6=7,h7=8,h8=9,h9=10;
        long i0=1,i1=2,i2=3,i3=4,i4=5,i5=6,i6=7,i7=8,i8=9,i9=10,j0=1,j1=2,j2=3,j3=4,j4=5,j5=6,j6=7,j7=8,j8=9,j9=10;
        long k0=1,k1=2,k2=3,k3=4,k4=5,k5=6,k6=7,k7=8,k8=9,k9=10,l0=1,l1=2,l2=3,l3=4,l4=5,l5=6,l6=7,l7=8,l8=9,l9=10;
        long m0=1,m1=2,m2=3,m3=4,m4=5,m5=6,m6=7,m7=8,m8=9,m9=10,n0=1,n1=2,n2=3,n3=4,n4=5,n5=6,n6=7,n7=8,n8=9,n9=10;
        int wi = p; float wf = s2; String ws = "w"; Object wo = ws; double wd = r; long wl = q; int[] wa = {1, 2};
        for (int k = 0; k < 300; k++) { wi++; wi += 1000; wi -= 999; wi += 32000; wi -= 40000; wf += 0.5f; wd *= 1.01; wl += wi; wa[k & 1] += k; ws = k % 100 == 0 ? ws + k :
                ws;
                wo = ws;
                m0 += n9;
                n0 -= k;
        }
        System.out.println(wi + " " + wf + " " + wd + " " + wl + " " + ws + " " + wo + " " + wa[0] + " " + wa[1] + " "
            + m0 + " " + n0);
        return a9 + b9 + c9 + d9 + g9 + h9 + i9 + j9 + k9 + l9 + m9 + n9 + (long) (e9 + f9) + m1 + n5 + a0 + a1 + wl;
    }
    static int rec(int n) {
        return n == 0 ? 0 : 1 + rec(n - 1);
    }
    static Object id(Object o) {
        return o;
    }
    public static void main(String[] args) {
        for (int i = -1; i < 9; i++) System.out.print(f(i) + " " + fall(i) + " ");
        for (int i : new int[] {Integer.MIN_VALUE, -1001, -1000, -999, 0, 1, 76, 77, 78, 1 << 20, Integer.MAX_VALUE,
                 Integer.MAX_VALUE - 1})
            System.out.print(g(i) + "" + t(i) + " ");
        System.out.println();
        for (String s : "Aa,BB,C#,,Bb,zz,CC".split(",")) System.out.print(str(s) + " ");
        System.out.println(yields("a") + yields("c"));
        try {
            yields("q");
        } catch (IllegalStateException e) {
            System.out.println(e);
        }
        try {
            str(null);
        } catch (NullPointerException e) {
            System.out.println("npe");
        }
        new Bytecodes().dups();
        System.out.println(many(3, 4L, 1.0, 2f));
        System.out.println(rec(2000));
        int[][][] m = new int[3][4][5];
        m[2][3][4] = 9;
        int sum = 0;
        for (int[][] x : m)
            for (int[] y : x)
                for (int z : y) sum += z;
        System.out.println(
            sum + " " + m.getClass().getName() + " " + new int[2][][].length + new long[1][2][3][4][5][0].getClass());
        long x = 0x7fffffffffffffffL;
        double dd = 3.141592653589793;
        float ff = 1e-10f;
        int big = 70000, neg = -32768, sb = -128;
        System.out.println(x + " " + dd + " " + ff + " " + big + " " + neg + " " + sb);
    outer:
        for (int i = 0; i < 10; i++) {
            for (int j = 0; j < 10; j++) {
                if (j == 5)
                    continue outer;
                if (i == 5)
                    break outer;
                sum += i * j;
            }
        }
        System.out.println(sum);
        System.out.println(id(null) == null ? id("a") != null ? "ok" : "no" : "no");
        System.out.println((Object) 1 instanceof Integer i && i == 1);
        int q = 0;
        do {
            q += q < 5 ? 2 : 3;
        } while (q < 20 && !(q == 11));
        System.out.println(q);
        System.out.println(((1 + 2) * (3 + (4 - (5 * (6 + (7 - (8 + (9 * (10 + (11 - (12 + q))))))))))));
        Class<?>[] cs = {int.class, void.class, int[].class, String[][].class, Bytecodes.class, Runnable.class};
        for (Class<?> c : cs) System.out.print(c + " ");
        System.out.println();
    }
}
