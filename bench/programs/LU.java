/** LU factorisation with partial pivoting of a dense size x size matrix. */
final class LU extends Bench {
    static int factor(double[][] a, int[] pivots) {
        int n = a.length, swaps = 0;
        for (int k = 0; k < n; k++) {
            int best = k;
            for (int i = k + 1; i < n; i++) {
                if (Math.abs(a[i][k]) > Math.abs(a[best][k])) {
                    best = i;
                }
            }
            pivots[k] = best;
            if (best != k) {
                double[] t = a[k];
                a[k] = a[best];
                a[best] = t;
                swaps++;
            }
            double inverse = 1.0 / a[k][k];
            for (int i = k + 1; i < n; i++) {
                a[i][k] *= inverse;
            }
            for (int i = k + 1; i < n; i++) {
                double[] row = a[i], top = a[k];
                double f = row[k];
                for (int j = k + 1; j < n; j++) {
                    row[j] -= f * top[j];
                }
            }
        }
        return swaps;
    }

    @Override long run(int n) {
        double[][] a = MatMul.fill(n, 5);
        int[] pivots = new int[n];
        long hash = mix(0, factor(a, pivots));
        for (int i = 0; i < n; i++) {
            hash = mix(hash, pivots[i]);
            for (double v : a[i]) {
                hash = mix(hash, v);
            }
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new LU(), args, 350);
    }
}
