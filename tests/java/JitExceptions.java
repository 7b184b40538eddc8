// options: -XX:-OmitStackTraceInFastThrow
/** Exceptions in compiled code: traces with inlined methods, handlers in loops, finally, exceptions of callees. */
public class JitExceptions {
    static class Own extends Exception {
        final int n;
        Own(int n) { super("own " + n); this.n = n; }
    }

    static int deep(int x) {
        if (x % 100 == 99) {
            throw new IllegalArgumentException("deep " + x);
        }
        return x + 1;
    }
    static int mid(int x) {
        return deep(x)
            + deep(x + 1);
    }
    static int top(int x) { return mid(x) * 2 + mid(x + 3); }

    static int caught(int x) {
        int r = 0;
        for (int i = 0; i < 10; i++) {
            try {
                r += deep(x + i);
                r ^= i;
            } catch (IllegalArgumentException e) {
                r += e.getMessage().length();
                continue;
            } finally {
                r += 3;
            }
            r -= 1;
        }
        return r;
    }

    static int finallyReturns(int x) {
        try {
            return deep(x) / (x % 50);
        } catch (ArithmeticException e) {
            return -1;
        } finally {
            if (x % 60 == 0) { return -2; }
        }
    }

    static int order;
    static int nested(int x) throws Own {
        try {
            try {
                order = order * 3 + 1;
                if (x % 7 == 0) { throw new Own(x); }
                if (x % 11 == 0) { return ((int[]) null)[x]; }
                order += deep(x);
            } catch (NullPointerException e) {
                order = order * 5 + 2;
                throw new Own(-x);
            } finally {
                order = order * 7 + 3;
            }
        } catch (Own e) {
            order = order * 11 + e.n;
            if (x % 3 == 0) { throw e; }
        }
        return order;
    }

    static int rethrow(int x) {
        try {
            return top(x);
        } catch (RuntimeException e) {
            RuntimeException o = new RuntimeException("outer", e);
            throw o;
        }
    }

    static int byKind(Object o, int i) {
        try {
            Object[] a = (Object[]) o;
            a[i] = i;
            return a.length / (i - 3);
        } catch (ClassCastException e) {
            return 1;
        } catch (ArrayIndexOutOfBoundsException e) {
            return 2 + e.getMessage().length();
        } catch (ArrayStoreException e) {
            return 3 + e.getMessage().length();
        } catch (NullPointerException e) {
            return 4 + e.getMessage().length();
        } catch (ArithmeticException e) {
            return 5;
        }
    }

    static int sizes(int n) {
        try {
            return new int[n].length + new long[2][n].length;
        } catch (NegativeArraySizeException e) {
            return e.getMessage().hashCode();
        }
    }

    static int[] array;
    String name;
    int[] own;

    static int messages(JitExceptions j, int x) {
        try {
            return j.own[x] + j.name.length();
        } catch (NullPointerException | ArrayIndexOutOfBoundsException e) {
            return e.getMessage().hashCode();
        }
    }

    static long trace(Throwable t) {
        long h = t.toString().hashCode();
        for (StackTraceElement e : t.getStackTrace()) {
            if (e.getMethodName().equals("test")) { break; }
            if (!e.getMethodName().startsWith("lambda")) { h = h * 31 + e.getMethodName().hashCode() + e.getLineNumber(); }
        }
        return t.getCause() == null ? h : h * 31 + trace(t.getCause());
    }

    interface Round { long run(int r) throws Exception; }

    static void test(String name, Round f) {
        long h = 0;
        int bad = 0;
        for (int r = 0; r < 2500; r++) {
            try {
                h = h * 31 + f.run(r);
            } catch (Exception e) {
                bad++;
                h = h * 31 + trace(e);
                if (bad == 20) {
                    System.out.println(e);
                    for (StackTraceElement s : e.getStackTrace()) {
                        if (s.getMethodName().equals("test")) { break; }
                        if (!s.getMethodName().startsWith("lambda")) { System.out.println("    " + s); }
                    }
                }
            }
        }
        System.out.println(name + " " + Long.toHexString(h) + " " + bad);
    }

    public static void main(String[] args) {
        test("trace", r -> top(r));
        test("caught", r -> caught(r));
        test("finally returns", r -> finallyReturns(r + 1));
        test("nested", r -> nested(r));
        test("rethrow", r -> rethrow(r));
        Object[] kinds = {new Object[5], new Integer[5], "string", null, new String[5]};
        test("kinds", r -> byKind(kinds[r < 1000 ? r & 1 : r % 5], r % 7));
        test("sizes", r -> sizes(r % 300 == 299 ? -r : r % 50));
        JitExceptions[] js = {new JitExceptions(), new JitExceptions(), null};
        js[0].own = new int[5];
        js[0].name = "n";
        js[1].own = new int[3];
        test("messages", r -> messages(js[r < 1000 ? 0 : r % 3], r < 1500 ? r % 5 : r % 6));
        // in one long loop, compiled on the way
        long h = 0;
        for (int i = 0; i < 20000; i++) {
            try {
                h += top(i);
            } catch (IllegalArgumentException e) {
                h = h * 3 + e.getStackTrace()[1].getLineNumber();
            }
        }
        System.out.println(h);
    }
}
