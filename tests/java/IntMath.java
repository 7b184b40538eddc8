// Arithmetic of int and long: overflow, shifts, division, remainder, conversions.
public class IntMath {
    static int[] ints = {0, 1, -1, 2, -2, 7, -7, 31, 32, 33, 63, 64, 127, 128, 255, 256, 32767, 32768, 65535, 65536,
        Integer.MAX_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE - 1, Integer.MIN_VALUE + 1, 0x12345678, 0xdeadbeef};
    static long[] longs = {0, 1, -1, 2, -2, 7, -7, 31, 32, 63, 64, 65, 255, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE,
        1L << 31, 1L << 32, (1L << 32) - 1, Long.MAX_VALUE, Long.MIN_VALUE, Long.MAX_VALUE - 1, 0x123456789abcdef0L,
        0xdeadbeefcafebabeL};
    static long h;
    static void mix(long v) {
        h = h * 31 + v;
    }
    static String div(int a, int b) {
        try {
            return a / b + ":" + a % b;
        } catch (ArithmeticException e) {
            return e.getMessage();
        }
    }
    static String div(long a, long b) {
        try {
            return a / b + ":" + a % b;
        } catch (ArithmeticException e) {
            return e.getMessage();
        }
    }
    public static void main(String[] args) {
        for (int a : ints) {
            h = 0;
            StringBuilder s = new StringBuilder();
            for (int b : ints) {
                mix(a + b);
                mix(a - b);
                mix(a * b);
                mix(a & b);
                mix(a | b);
                mix(a ^ b);
                mix(a << b);
                mix(a >> b);
                mix(a >>> b);
                mix(-a);
                mix(~a);
                mix(a < b ? 1 : 2);
                mix(a <= b ? 1 : 2);
                mix(a == b ? 1 : 2);
                mix(a != b ? 1 : 2);
                mix(a > b ? 1 : 2);
                mix(a >= b ? 1 : 2);
                s.append(div(a, b)).append(' ');
            }
            mix((byte) a);
            mix((short) a);
            mix((char) a);
            mix((long) a);
            System.out.println(a + " " + h + " " + s.toString().hashCode());
        }
        for (long a : longs) {
            h = 0;
            StringBuilder s = new StringBuilder();
            for (long b : longs) {
                mix(a + b);
                mix(a - b);
                mix(a * b);
                mix(a & b);
                mix(a | b);
                mix(a ^ b);
                mix(a << b);
                mix(a >> b);
                mix(a >>> b);
                mix(a << (int) b);
                mix(a >> (int) b);
                mix(a >>> (int) b);
                mix(-a);
                mix(~a);
                mix(a < b ? 1 : 2);
                mix(a <= b ? 1 : 2);
                mix(a == b ? 1 : 2);
                mix(a != b ? 1 : 2);
                mix(a > b ? 1 : 2);
                mix(a >= b ? 1 : 2);
                s.append(div(a, b)).append(' ');
            }
            mix((byte) a);
            mix((short) a);
            mix((char) a);
            mix((int) a);
            System.out.println(a + " " + h + " " + s.toString().hashCode());
        }
        System.out.println(Integer.MIN_VALUE / -1);
        System.out.println(Integer.MIN_VALUE % -1);
        System.out.println(Long.MIN_VALUE / -1);
        System.out.println(Long.MIN_VALUE % -1);
        System.out.println(1 << 32);
        System.out.println(1 << -1);
        System.out.println(-1 >>> 33);
        System.out.println(1L << 64 | 1L << 63);
        int i = 0;
        i += 3.99;
        System.out.println(i);
        i -= 1e20;
        System.out.println(i);
        byte b = 127;
        b++;
        System.out.println(b);
        b >>>= 1;
        System.out.println(b);
        short sh = (short) 40000;
        System.out.println(sh);
        char c = (char) -1;
        System.out.println((int) c);
        c++;
        System.out.println((int) c);
        int w = 5;
        w = w++ + ++w;
        System.out.println(w);
        for (int v : ints)
            System.out.print(Integer.bitCount(v) + "," + Integer.numberOfLeadingZeros(v) + ","
                + Integer.numberOfTrailingZeros(v) + "," + Integer.reverse(v) + "," + Integer.reverseBytes(v) + ","
                + Integer.highestOneBit(v) + "," + Integer.rotateLeft(v, 5) + " ");
        System.out.println();
        for (long v : longs)
            System.out.print(Long.bitCount(v) + "," + Long.numberOfLeadingZeros(v) + "," + Long.numberOfTrailingZeros(v)
                + "," + Long.reverse(v) + "," + Long.reverseBytes(v) + " ");
        System.out.println();
        for (int v : ints)
            for (int u : ints) {
                try {
                    mix(Math.addExact(v, u));
                } catch (ArithmeticException e) {
                    mix(1);
                }
                try {
                    mix(Math.multiplyExact(v, u));
                } catch (ArithmeticException e) {
                    mix(2);
                }
                try {
                    mix(Math.floorMod(v, u));
                    mix(Math.floorDiv(v, u));
                } catch (ArithmeticException e) {
                    mix(3);
                }
                try {
                    mix(Integer.divideUnsigned(v, u));
                    mix(Integer.remainderUnsigned(v, u));
                    mix(Integer.compareUnsigned(v, u));
                } catch (ArithmeticException e) {
                    mix(4);
                }
                mix(Math.multiplyHigh((long) v << 20, (long) u << 25));
                mix(Math.abs(v));
                mix(Math.max(v, u));
                mix(Math.min(v, u));
            }
        for (long v : longs)
            for (long u : longs) {
                try {
                    mix(Math.addExact(v, u));
                } catch (ArithmeticException e) {
                    mix(1);
                }
                try {
                    mix(Math.multiplyExact(v, u));
                } catch (ArithmeticException e) {
                    mix(2);
                }
                try {
                    mix(Long.divideUnsigned(v, u));
                    mix(Long.remainderUnsigned(v, u));
                } catch (ArithmeticException e) {
                    mix(3);
                }
                mix(Math.multiplyHigh(v, u));
            }
        System.out.println(h);
        try {
            Math.toIntExact(1L << 40);
        } catch (ArithmeticException e) {
            System.out.println(e);
        }
        try {
            Math.negateExact(Integer.MIN_VALUE);
        } catch (ArithmeticException e) {
            System.out.println(e);
        }
    }
}
