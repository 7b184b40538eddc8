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
        byte[][] all = objects(10 << 20 >> 6, 48);
        keepEach(all, 2);
        byte[] large = new byte[9 << 19];
        large[large.length - 1] = 7;
        System.out.println("large: " + wrong(all) + " wrong, " + large[large.length - 1]);
    }

    // objects of another size, after blocks that are a third full
    static void scattered() {
        byte[][] small = objects(300_000, 8);
        keepEach(small, 3);
        byte[][] others = objects(13_000, 600);
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

    public static void main(String[] args) {
        large();
        scattered();
        full();
        large();
        Runtime r = Runtime.getRuntime();
        System.out.println(r.totalMemory() <= r.maxMemory() && r.freeMemory() >= 0 && r.freeMemory() <= r.totalMemory());
        try {
            System.out.println(new byte[32 << 20].length);
        } catch (OutOfMemoryError e) {
            System.out.println("too large");
        }
    }
}
