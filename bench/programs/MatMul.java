/** Product of two square matrices of doubles, rows as arrays, inner loop along the column. */
final class MatMul extends Bench {
    static double[][] fill(int n, long seed) {
        Random random = new Random(seed);
        double[][] m = new double[n][n];
        for (double[] row : m) {
            for (int j = 0; j < n; j++) {
                row[j] = random.real() - 0.5;
            }
        }
        return m;
    }

    static double[][] multiply(double[][] a, double[][] b) {
        int n = a.length;
        double[][] c = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                double sum = 0;
                for (int k = 0; k < n; k++) {
                    sum += a[i][k] * b[k][j];
                }
                c[i][j] = sum;
            }
        }
        return c;
    }

    @Override long run(int size) {
        long hash = 0;
        for (double[] row : multiply(fill(size, 1), fill(size, 2))) {
            for (double v : row) {
                hash = mix(hash, v);
            }
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new MatMul(), args, 250);
    }
}
