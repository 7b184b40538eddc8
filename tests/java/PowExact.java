/** Powers that are rounded correctly on HotSpot: squares and square roots. */
public class PowExact {
    public static void main(String[] args) {
        int squares = 0, roots = 0;
        for (int i = 1; i <= 20000; i++) {
            double x = 1.0 / i, y = i * 1.1;
            if (Math.pow(x, 2) == x * x && Math.pow(y, 2) == y * y) { squares++; }
            if (Math.pow(x, 0.5) == Math.sqrt(x) && Math.pow(y, 0.5) == Math.sqrt(y)) { roots++; }
        }
        System.out.println(squares + " " + roots);
        double[] special = {0.0, -0.0, 1, -1, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN, -4, 1e200, 4.9e-324};
        for (double x : special) {
            System.out.println(x + " " + Math.pow(x, 0.5) + " " + Math.pow(x, 2) + " " + Math.pow(x, -0.5) + " " + Math.pow(x, 0));
        }
    }
}
