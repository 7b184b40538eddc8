import java.util.*;

class Recurse {
    static int n;
    static int f(int i) {
        n++;
        return f(i + 1) + 1;
    }
    public static void main(String[] a) {
        f(0);
    }
}

class RecurseCaught {
    public static void main(String[] a) {
        for (int i = 0; i < 5; i++) try {
                Recurse.f(0);
            } catch (StackOverflowError e) {
                System.out.println("caught " + (Recurse.n > 500) + e.getStackTrace().length);
            }
    }
}

class RecurseReflect {
    public static void f() throws Exception {
        RecurseReflect.class.getMethod("f").invoke(null);
    }
    public static void main(String[] a) throws Exception {
        try {
            f();
        } catch (StackOverflowError | java.lang.reflect.InvocationTargetException e) {
            Throwable t = e;
            while (t.getCause() != null) t = t.getCause();
            System.out.println("caught " + (t instanceof StackOverflowError));
        }
    }
}

class RecurseSort implements Comparator<Integer> {
    public int compare(Integer x, Integer y) {
        Integer[] q = {3, 1, 2};
        Arrays.sort(q, this);
        return 0;
    }
    public static void main(String[] a) {
        try {
            new RecurseSort().compare(1, 2);
        } catch (StackOverflowError e) {
            System.out.println("caught");
        }
    }
}

class RecurseToString {
    public static void main(String[] a) {
        List<Object> l = new ArrayList<>(), m = new ArrayList<>();
        l.add(m);
        m.add(l);
        try {
            l.hashCode();
        } catch (StackOverflowError e) {
            System.out.println("caught");
        }
        try {
            l.toString();
        } catch (StackOverflowError e) {
            System.out.println("caught2");
        }
    }
}

class RecurseThread {
    public static void main(String[] a) throws Exception {
        Thread t = new Thread(null, () -> Recurse.f(0), "Deep", 1 << 20);
        t.start();
        t.join();
        System.out.println("goes on");
    }
}

class RecurseInit {
    static class Loop extends ClassLoader {
        public Class<?> loadClass(String n) throws ClassNotFoundException {
            return Class.forName(n + "x", true, this);
        }
    }
    public static void main(String[] a) throws Exception {
        try {
            Class.forName("x", true, new Loop());
        } catch (StackOverflowError e) {
            System.out.println("caught");
        }
    }
}

class RecurseFinally {
    static int n;
    static void f() {
        try {
            f();
        } finally {
            n++;
        }
    }
    static void g() {
        try {
            g();
        } catch (StackOverflowError e) {
            n += 2;
            throw e;
        }
    }
    public static void main(String[] a) {
        try {
            f();
        } catch (StackOverflowError e) {
        }
        try {
            g();
        } catch (StackOverflowError e) {
        }
        System.out.println("n " + (n > 1000));
    }
}

class RecurseLock {
    static synchronized void f() {
        f();
    }
    public static void main(String[] a) throws Exception {
        try {
            f();
        } catch (StackOverflowError e) {
        }
        System.out.println("held " + Thread.holdsLock(RecurseLock.class)); Thread t = new Thread(() -> { synchronized (RecurseLock.class) { System.out.println("free");
    }
});
t.start();
t.join();
}
}

class Exhaust {
    public static void main(String[] a) {
        List<Object> l = new ArrayList<>();
        while (true) l.add(new byte[100000]);
    }
}

class ExhaustSmall {
    public static void main(String[] a) {
        // Linked one way only: stacks are scanned conservatively, and an integer that looks like a node's address keeps what
        // the node leads to, which in a doubly linked list is all of it.
        Object[] l = null;
        int n = 0;
        try {
            while (true) {
                l = new Object[] {l, new int[5]};
                n++;
            }
        } catch (OutOfMemoryError e) {
            l = null;
        }
        System.out.println("caught " + (n > 1000) + new byte[1 << 20].length);
    }
}

class ExhaustThreads {
    public static void main(String[] a) throws Exception {
        int[] done = new int[8];
        Thread[] ts = new Thread[8];
        for (int i = 0; i < 8; i++) {
            int k = i;
            (ts[i] = new Thread(() -> {
                for (int r = 0; r < 3; r++) {
                    List<Object> l = new ArrayList<>();
                    try {
                        while (true) l.add(new long[2000]);
                    } catch (OutOfMemoryError e) {
                        l = null;
                        done[k]++;
                    }
                }
            })).start();
        }
        for (Thread t : ts) t.join();
        System.out.println("done " + Arrays.stream(done).sum());
    }
}

class ExhaustUncaught {
    public static void main(String[] a) throws Exception {
        Thread t = new Thread(() -> Exhaust.main(null), "Eater");
        t.start();
        t.join();
        System.out.println("goes on");
    }
}

class HugeArray {
    public static void main(String[] a) {
        try {
            System.out.println(new int[Integer.MAX_VALUE].length);
        } catch (OutOfMemoryError e) {
            System.out.println(e.getMessage());
        }
        try {
            System.out.println(new long[1 << 29].length);
        } catch (OutOfMemoryError e) {
            System.out.println(e.getMessage());
        }
        new Object[1 << 28].clone();
    }
}

class ManyThreads {
    public static void main(String[] a) throws Exception {
        List<Thread> l = new ArrayList<>();
        Object lock = new Object();
        boolean[] go = new boolean[1];
        try {
            for (int i = 0; i < Integer.parseInt(a[0]); i++) { Thread t = new Thread(() -> { synchronized (lock) { while (!go[0]) try { lock.wait();
            }
            catch (InterruptedException e) {
            }
        }
    });
    t.start();
    l.add(t);
}
System.out.println("all");
}
catch (OutOfMemoryError e) {
    System.out.println("caught " + e.getMessage());
}
synchronized (lock) {
    go[0] = true;
    lock.notifyAll();
}
for (Thread t : l) t.join();
System.out.println("joined");
}
}

class DirectMemory {
    public static void main(String[] a) {
        List<Object> l = new ArrayList<>();
        try {
            while (true) l.add(java.nio.ByteBuffer.allocateDirect(1 << 24));
        } catch (OutOfMemoryError e) {
            System.out.println("caught " + e.getMessage().startsWith("Cannot reserve"));
        }
    }
}

class DeepClasses {
    public static void main(String[] a) throws Exception {
        Map<String, byte[]> m = new HashMap<>();
        int n = Integer.parseInt(a[0]);
        ClassLoader l = new ClassLoader() {
            protected Class<?> findClass(String s) throws ClassNotFoundException {
                if (!s.startsWith("K"))
                    throw new ClassNotFoundException(s);
                int k = Integer.parseInt(s.substring(1));
                try {
                    java.io.ByteArrayOutputStream b = new java.io.ByteArrayOutputStream();
                    java.io.DataOutputStream o = new java.io.DataOutputStream(b);
                    o.writeInt(0xcafebabe);
                    o.writeInt(61);
                    o.writeShort(5);
                    o.writeByte(1);
                    o.writeUTF(s);
                    o.writeByte(7);
                    o.writeShort(1);
                    o.writeByte(1);
                    o.writeUTF(k == 0 ? "java/lang/Object" : "K" + (k - 1));
                    o.writeByte(7);
                    o.writeShort(3);
                    o.writeShort(0x421);
                    o.writeShort(2);
                    o.writeShort(4);
                    o.writeLong(0);
                    return defineClass(s, b.toByteArray(), 0, b.size());
                } catch (java.io.IOException e) {
                    throw new Error(e);
                }
            }
        };
        try {
            System.out.println(l.loadClass("K" + n).getName());
        } catch (StackOverflowError e) {
            System.out.println("caught");
        }
    }
}

class WriteOut {
    public static void main(String[] a) throws Exception {
        System.out.println("lost");
        System.out.flush();
        System.err.println(System.out.checkError());
        System.err.println(System.in.read());
    }
}
