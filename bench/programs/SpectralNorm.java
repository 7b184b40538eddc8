/** Largest singular value of the matrix 1 / ((i+j)(i+j+1)/2 + i+1) by power iteration: calls, divisions. */
final class SpectralNorm extends Bench {
    static double element(int i, int j) {
        return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
    }

    static void times(double[] v, double[] out, boolean transposed) {
        int n = v.length;
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int j = 0; j < n; j++) {
                sum += (transposed ? element(j, i) : element(i, j)) * v[j];
            }
            out[i] = sum;
        }
    }

    @Override long run(int n) {
        double[] u = new double[n], v = new double[n], t = new double[n];
        for (int i = 0; i < n; i++) {
            u[i] = 1;
        }
        for (int i = 0; i < 10; i++) {
            times(u, t, false);
            times(t, v, true);
            times(v, t, false);
            times(t, u, true);
        }
        double uv = 0, vv = 0;
        for (int i = 0; i < n; i++) {
            uv += u[i] * v[i];
            vv += v[i] * v[i];
        }
        return mix(0, Math.sqrt(uv / vv));
    }

    public static void main(String[] args) throws Exception {
        main(new SpectralNorm(), args, 500);
    }
}
