/** Math is within an ulp of StrictMath, also for large arguments next to multiples of pi / 2. */
final class Trigonometry {
    static int far;

    static void check(String name, double x, double got, double wanted) {
        if (Math.abs(got - wanted) > 2 * Math.ulp(wanted)) {  // each may be one off
            far++;
            System.out.println(name + "(" + x + ") = " + got + ", not " + wanted);
        }
    }

    static void at(double x) {
        check("sin", x, Math.sin(x), StrictMath.sin(x));
        check("cos", x, Math.cos(x), StrictMath.cos(x));
        check("tan", x, Math.tan(x), StrictMath.tan(x));
    }

    public static void main(String[] args) {
        double[] near = {4.0614969117880766E20, 1.462840815890387E21, 1.5707963267948966, 3.141592653589793, 1.0541435E8,
            1.054143500000001E8, 6381956970095103.0 * 0x1p797, Double.MAX_VALUE, 1E22, 1E8, 99999999.99999999};
        for (double x : near) {
            at(x);
            at(-x);
        }
        for (int i = 1; i < 20_000; i++) {
            at(i * (Math.PI / 2));
            at(i * 1.2345E17);
            at(i * 0x1.921fb54442d18p60);
        }
        System.out.println(far);
        System.out.println(Math.sin(Double.POSITIVE_INFINITY) + " " + Math.tan(Double.NaN) + " " + 1 / Math.tan(-0.0));
    }
}
