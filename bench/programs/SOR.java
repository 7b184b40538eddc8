/** Jacobi successive over-relaxation on a size x size grid, 50 sweeps: rows of doubles, neighbours. */
final class SOR extends Bench {
    @Override long run(int n) {
        double[][] grid = MatMul.fill(n, 4);
        double omega = 1.25;
        for (int sweep = 0; sweep < 50; sweep++) {
            for (int i = 1; i < n - 1; i++) {
                double[] row = grid[i], up = grid[i - 1], down = grid[i + 1];
                for (int j = 1; j < n - 1; j++) {
                    row[j] = omega * 0.25 * (up[j] + down[j] + row[j - 1] + row[j + 1]) + (1 - omega) * row[j];
                }
            }
        }
        long hash = 0;
        for (double[] row : grid) {
            for (double v : row) {
                hash = mix(hash, v);
            }
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new SOR(), args, 400);
    }
}
