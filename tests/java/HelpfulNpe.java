// The texts of helpful NullPointerException messages, many shapes.
import java.util.*;
public class HelpfulNpe {
    int f;
    HelpfulNpe next;
    int[] arr;
    int[][] mat;
    static HelpfulNpe st;
    static int[] sarr;
    static Object[][] so;
    String s;
    static long[] la;
    HelpfulNpe me() {
        return null;
    }
    static HelpfulNpe make(int a, String b) {
        return null;
    }
    interface R {
        void run() throws Throwable;
    }
    static void t(R r) {
        try {
            r.run();
            System.out.println("nothing");
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        } catch (Throwable e) {
            System.out.println(e);
        }
    }
    static void params(HelpfulNpe p, int[] q, long l, HelpfulNpe after) {
        t(() -> { System.out.println(p.f); });
        try {
            p.f = 1;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            q[0]++;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            after.next.f++;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
    }
    void inst() {
        try {
            next.f = 2;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            this.next.next.next.f = 2;
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            me().me();
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
        try {
            synchronized (next) {
                f++;
            }
        } catch (NullPointerException e) {
            System.out.println(e.getMessage());
        }
    }
    static Throwable nullThrowable() {
        return null;
    }
    record Rec(String n) {}
    static int idx = 3;
    static int geti() {
        return 1;
    }
    public static void main(String[] a) {
        params(null, null, 1, new HelpfulNpe());
        new HelpfulNpe().inst();
        t(() -> st.f = 1);
        t(() -> System.out.println(st.next.f));
        t(() -> sarr[3] = 2);
        t(() -> System.out.println(sarr.length));
        t(() -> System.out.println(sarr[idx]));
        t(() -> so[1][2] = "x");
        t(() -> {
            so = new Object[2][];
            so[1][idx] = "x";
        });
        t(() -> so[geti()][idx + 1].toString());
        t(() -> {
            so[0] = new Object[5];
            so[0][idx].toString();
        });
        t(() -> make(1, "x").f = 3);
        t(() -> make(1, null).me().me());
        t(() -> make(2, "y").arr[5]++);
        t(() -> new HelpfulNpe().arr[idx] = 1);
        t(() -> new HelpfulNpe().mat[1][2] = 1);
        t(() -> {
            HelpfulNpe h = new HelpfulNpe();
            h.mat = new int[3][];
            h.mat[2][1] = 4;
        });
        t(() -> new HelpfulNpe().s.length());
        t(() -> {
            String x = null;
            x.length();
        });
        t(() -> {
            List<String> l = new ArrayList<>();
            l.add(null);
            l.get(0).trim();
        });
        t(() -> {
            Map<String, Integer> m = new HashMap<>();
            int v = m.get("x");
        });
        t(() -> { throw nullThrowable(); });
        t(() -> {synchronized (st){}});
        t(() -> {
            Object o = null;
            synchronized (o) {}
        });
        t(() -> la[0] += 5);
        t(() -> la[idx]--);
        t(() -> {
            Integer i = null;
            i++;
        });
        t(() -> {
            Boolean b = null;
            if (b)
                return;
        });
        t(() -> {
            for (String x : (List<String>) null) {
            }
        });
        t(() -> {
            for (int x : sarr) {
            }
        });
        t(() -> {
            switch ((String) null) { case "a": }
        });
        t(() -> {
            Thread.State q = null;
            switch (q) { case NEW: }
        });
        t(() -> Objects.requireNonNull(null));
        t(() -> Objects.requireNonNull(null, "msg"));
        t(() -> { throw new NullPointerException(); });
        t(() -> { throw new NullPointerException("own"); });
        t(() -> ((HelpfulNpe) (Object) null).f++);
        t(() -> {
            HelpfulNpe[] hs = new HelpfulNpe[2];
            hs[1].f = 1;
        });
        t(() -> {
            HelpfulNpe[] hs = {new HelpfulNpe()};
            hs[0].next.next = null;
        });
        t(() -> {
            byte[] b = null;
            b[0] = 1;
        });
        t(() -> {
            char[] b = null;
            b[0] = 1;
        });
        t(() -> {
            short[] b = null;
            System.out.println(b[0]);
        });
        t(() -> {
            float[] b = null;
            b[0] = 1;
        });
        t(() -> {
            double[] b = null;
            System.out.println(b[7]);
        });
        t(() -> {
            boolean[] b = null;
            b[0] = true;
        });
        t(() -> {
            Object[] b = null;
            b[0] = b;
        });
        t(() -> {
            Runnable r = null;
            r.run();
        });
        t(() -> {
            String x = a.length > 5 ? "q" : null;
            x.isEmpty();
        });
        t(() -> new Rec(null).n().length());
        t(() -> {
            HelpfulNpe h = null;
            h.new Inn();
        });
        t(() -> {
            int[] z = null;
            System.out.println(z[z[0]]);
        });
        t(() -> System.getProperty("no.such").length());
        t(() -> {
            long[][] z = new long[1][];
            z[0][0]--;
        });
        t(() -> { st.sarr2()[0] = 1; });
        t(() -> {
            int[] z = null;
            z.clone();
        });
        t(() -> {
            String[][] z = new String[1][];
            z[0].clone();
        });
        t(() -> {
            Object o = null;
            o.getClass();
        });
        t(() -> {
            Object o = null;
            System.out.println(o.hashCode() + "".length());
        });
    }
    class Inn {}
    int[] sarr2() {
        return null;
    }
}
