// References and queues, Cleaner, finalizers, System.gc, identity hashes, OutOfMemoryError and StackOverflowError
// recovery, clone, Unsafe. gc-stress: 20000
import java.lang.ref.*;
import java.util.*;
public class Memory {
    static volatile int finalized;
    static volatile Memory risen;
    int id;
    Memory(int id) {
        this.id = id;
    }
    @Override
    protected void finalize() {
        finalized++;
        if (id == 1)
            risen = this;
    }
    static Object garbage(int n) {
        Object o = null;
        for (int i = 0; i < n; i++) o = new byte[1000];
        return o;
    }
    interface Cond {
        boolean ok();
    }
    static void until(String what, Cond c) throws Exception {
        for (int i = 0; i < 200 && !c.ok(); i++) {
            System.gc();
            Thread.sleep(10);
        }
        System.out.println(what + " " + c.ok());
    }
    static void make(List<Reference<?>> refs, ReferenceQueue<Object> q) {
        for (int i = 0; i < 10; i++) {
            refs.add(new WeakReference<>(new Object(), q));
            refs.add(new PhantomReference<>(new Object(), q));
            refs.add(new SoftReference<>(new byte[10]));
        }
    }
    static void finals() {
        for (int i = 0; i < 20; i++) new Memory(i);
    }
    static void cleaners(Cleaner c, int[] n) {
        for (int i = 0; i < 10; i++) c.register(new Object(), () -> { synchronized (n) { n[0]++;
    }
});
}
static int depth(int n) {
    try {
        return depth(n + 1);
    } catch (StackOverflowError e) {
        return n;
    }
}
static class Node implements Cloneable {
    int v = 1;
    int[] a = {1, 2};
    Node next;
    public Node clone() throws CloneNotSupportedException {
        return (Node) super.clone();
    }
}
static class NotC {
    Object c() throws CloneNotSupportedException {
        return super.clone();
    }
}

public static void main(String[] args) throws Exception {
    ReferenceQueue<Object> q = new ReferenceQueue<>();
    List<Reference<?>> refs = new ArrayList<>();
    make(refs, q);
    Object strong = new Object();
    WeakReference<Object> w = new WeakReference<>(strong, q);
    int[] got = new int[1];
    until("queue", () -> {
        while (q.poll() != null) got[0]++;
        return got[0] >= 18;
    });
    System.out.println(
        (w.get() == strong) + " " + refs.stream().filter(r -> r instanceof SoftReference && r.get() != null).count());
    w.clear();
    System.out.println(w.get() + " " + w.enqueue() + " " + w.refersTo(null));
    finals();
    until("finalized", () -> finalized >= 17 && risen != null);
    System.out.println(risen.id);
    int[] n = new int[1];
    Cleaner cl = Cleaner.create();
    cleaners(cl, n);
    until("cleaned", () -> n[0] >= 9);
    Cleaner.Cleanable once = cl.register(strong, () -> System.out.println("explicit"));
    once.clean();
    once.clean();
    WeakHashMap<Object, String> whm = new WeakHashMap<>();
    for (int i = 0; i < 50; i++) whm.put(new Object(), "v");
    until("weak map", () -> whm.size() < 5);

    IdentityHashMap<Object, Integer> ids = new IdentityHashMap<>();
    Object[] objs = new Object[500];
    int[] hash = new int[500];
    for (int i = 0; i < 500; i++) {
        objs[i] = new Object();
        hash[i] = System.identityHashCode(objs[i]);
        ids.put(objs[i], i);
    }
    garbage(20000);
    System.gc();
    int bad = 0;
    for (int i = 0; i < 500; i++)
        if (objs[i].hashCode() != hash[i] || ids.get(objs[i]) != i)
            bad++;
    System.out.println(
        "hash " + bad + " " + System.identityHashCode(null) + " " + (Arrays.stream(hash).distinct().count() > 490));

    for (int round = 0; round < 3; round++) {
        List<Object> l = new ArrayList<>();
        try {
            while (true) l.add(new byte[1 << 20]);
        } catch (OutOfMemoryError e) {
            int k = l.size();
            l = null;
            System.out.println(e.getMessage() + " " + (k > 100 && k < 256));
        }
    }
    SoftReference<byte[]> soft = new SoftReference<>(new byte[1 << 20]);
    try {
        List<Object> l = new ArrayList<>();
        while (true) l.add(new long[1 << 16]);
    } catch (OutOfMemoryError e) {
        System.out.println("soft " + soft.get());
    }
    try {
        new Object[Integer.MAX_VALUE - 1].clone();
    } catch (OutOfMemoryError e) {
        System.out.println(e.getMessage());
    }
    try {
        StringBuilder b = new StringBuilder("xxxxxxxxxxxxxxxx");
        while (true) b.append(b);
    } catch (OutOfMemoryError e) {
        System.out.println("builder");
    }
    int d = depth(0), d2 = depth(0);
    System.out.println((d > 500) + " " + (d2 > 500));
    Thread[] ts = new Thread[4];
    int[] deep = new int[4];
    for (int i = 0; i < 4; i++) {
        int k = i;
        (ts[i] = new Thread(null, () -> deep[k] = depth(0), "d", 1 << 20)).start();
    }
    for (Thread t : ts) t.join();
    for (int x : deep)
        if (x < 500)
            System.out.println("shallow");
    Node a = new Node();
    a.next = a;
    Node b = a.clone();
    System.out.println((b != a) + " " + (b.a == a.a) + " " + (b.next == a) + " " + b.v);
    try {
        new NotC().c();
    } catch (CloneNotSupportedException e) {
        System.out.println(e);
    }
    java.lang.reflect.Field uf = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
    uf.setAccessible(true);
    sun.misc.Unsafe u = (sun.misc.Unsafe) uf.get(null);
    long p = u.allocateMemory(64);
    u.setMemory(p, 64, (byte) 0);
    u.putLong(p + 8, 0x1122334455667788L);
    u.putInt(p, -1);
    u.putDouble(p + 16, 2.5);
    System.out.println(
        Integer.toHexString(u.getInt(p + 8)) + u.getByte(p) + u.getDouble(p + 16) + u.getChar(p + 14) + u.getShort(p));
    u.freeMemory(p);
    long off = u.objectFieldOffset(Node.class.getDeclaredField("v"));
    System.out.println(u.compareAndSwapInt(a, off, 1, 50) + "" + u.getIntVolatile(a, off) + u.getAndAddInt(a, off, 5)
        + a.v + ((Memory) u.allocateInstance(Memory.class)).id + u.arrayBaseOffset(byte[].class) / 8
        + u.arrayIndexScale(long[].class));
    int[] ia = {1, 2, 3};
    u.putInt(ia, u.arrayBaseOffset(int[].class) + 4L, 77);
    System.out.println(ia[1] + " " + u.pageSize());
    try {
        u.throwException(new java.io.IOException("thrown"));
    } catch (Exception e) {
        System.out.println(e);
    }
    Runtime rt = Runtime.getRuntime();
    System.out.println((rt.maxMemory() > 200 << 20) + " " + (rt.totalMemory() <= rt.maxMemory()) + " "
        + (rt.freeMemory() > 0) + " " + (rt.availableProcessors() > 0));
}
}
