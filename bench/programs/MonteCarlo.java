/** Pi by throwing size * 1000 darts: a synchronized method with fields (uncontended locking), little else. */
final class MonteCarlo extends Bench {
    static final class Darts {
        private int state = 12345;

        synchronized double next() {
            int s = state;
            s ^= s << 13;
            s ^= s >>> 17;
            s ^= s << 5;
            state = s;
            return (s & 0x7fffffff) * (1.0 / 2147483648.0);
        }
    }

    @Override long run(int size) {
        Darts darts = new Darts();
        int hits = 0;
        for (int i = 0; i < size * 1000; i++) {
            double x = darts.next(), y = darts.next();
            if (x * x + y * y <= 1.0) {
                hits++;
            }
        }
        return mix(0, hits);
    }

    public static void main(String[] args) throws Exception {
        main(new MonteCarlo(), args, 2000);
    }
}
