/** Matrix-vector products of a sparse matrix in compressed rows: indirect array accesses. */
final class SparseMatMul extends Bench {
    static final int PER_ROW = 5;

    @Override long run(int n) {
        Random random = new Random(6);
        int nonzeros = n * PER_ROW;
        double[] value = new double[nonzeros], x = new double[n], y = new double[n];
        int[] column = new int[nonzeros], start = new int[n + 1];
        for (int i = 0; i < nonzeros; i++) {
            value[i] = random.real() - 0.5;
            column[i] = random.below(n);
        }
        for (int i = 0; i < n; i++) {
            start[i + 1] = start[i] + PER_ROW;
            x[i] = random.real();
        }
        for (int round = 0; round < 50; round++) {
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int k = start[i]; k < start[i + 1]; k++) {
                    sum += value[k] * x[column[k]];
                }
                y[i] = sum;
            }
            double[] t = x;
            x = y;
            y = t;
        }
        long hash = 0;
        for (double v : x) {
            hash = mix(hash, v);
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new SparseMatMul(), args, 50000);
    }
}
