// Heaps that are full for a collector which moves nothing, and have room all the same: what is free lies between what is not.
// options: -Xmx16m
// gc-stress: 100000
import java.util.ArrayList;
import java.util.List;

public class TightHeap {
    static byte[][] objects(int count, int size) {
        byte[][] all = new byte[count][];
        for (int i = 0; i < count; i++) {
            all[i] = new byte[size];
            all[i][i % size] = (byte) i;
        }
        return all;
    }

    static void keepEach(byte[][] all, int step) {
        for (int i = 0; i < all.length; i++) {
            if (i % step != 1) { all[i] = null; }
        }
    }

    static int wrong(byte[][] all) {
        int wrong = 0;
        for (int i = 0; i < all.length; i++) {
            if (all[i] != null && all[i][i % all[i].length] != (byte) i) { wrong++; }
        }
        return wrong;
    }

    // an array larger than anything that is free in one piece
    static void large() {
        byte[][] all = objects(9 << 20 >> 6, 48);
        keepEach(all, 2);
        byte[] large = new byte[1 << 22];
        large[large.length - 1] = 7;
        System.out.println("large: " + wrong(all) + " wrong, " + large[large.length - 1]);
    }

    // objects of another size, after blocks that are a third full
    static void scattered() {
        byte[][] small = objects(300_000, 8);
        keepEach(small, 3);
        byte[][] others = objects(10_000, 600);
        System.out.println("scattered: " + (wrong(small) + wrong(others)) + " wrong");
    }

    // -Xmx holds: what is alive is never more
    static void full() {
        List<byte[]> all = new ArrayList<>();
        try {
            for (;;) { all.add(new byte[1 << 16]); }
        } catch (OutOfMemoryError e) {
            int count = all.size();
            all = null;
            System.out.println("full: " + (count >= 128 && count <= 256));
        }
    }

    // Each on a stack of its own: what an earlier one has left on the stack, where the collector does not know what is in use, is nobody's then.
    static void apart(Runnable r) throws InterruptedException {
        Thread t = new Thread(r);
        t.start();
        t.join();
    }

    public static void main(String[] args) throws InterruptedException {
        apart(TightHeap::large);
        apart(TightHeap::scattered);
        apart(TightHeap::full);
        apart(TightHeap::large);
        Runtime r = Runtime.getRuntime();
        System.out.println(r.totalMemory() <= r.maxMemory() && r.freeMemory() >= 0 && r.freeMemory() <= r.totalMemory());
        try {
            System.out.println(new byte[32 << 20].length);
        } catch (OutOfMemoryError e) {
            System.out.println("too large");
        }
    }
}
