// float and double: NaN, infinities, signed zero, conversions, remainder, comparisons, strings.
public class FloatMath {
    static double[] d = {0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, 1e10, -1e10, 1e19, -1e19, 1e300, 1e-300,
        Double.MIN_VALUE, Double.MIN_NORMAL, Double.MAX_VALUE, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
        Double.NaN, Math.PI, 2147483647.5, -2147483648.9, 9.223372036854775807e18, 0x1p-1060};
    static float[] f = {0f, -0f, 1f, -1f, 0.1f, 1.5f, 16777217f, 1e10f, -1e10f, 1e38f, 1e-40f, Float.MIN_VALUE,
        Float.MAX_VALUE, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 2147483648f, 9.2e18f};
    static String cmp(double a, double b) {
        return "" + (a < b) + (a <= b) + (a == b) + (a != b) + (a > b) + (a >= b) + !(a < b) + !(a > b);
    }
    static String cmp(float a, float b) {
        return "" + (a < b) + (a <= b) + (a == b) + (a != b) + (a > b) + (a >= b) + !(a < b) + !(a > b);
    }
    public static void main(String[] args) {
        for (double a : d) {
            long h = 0;
            StringBuilder s = new StringBuilder();
            for (double b : d) {
                h = h * 31 + Double.doubleToLongBits(a + b);
                h = h * 31 + Double.doubleToLongBits(a - b);
                h = h * 31 + Double.doubleToLongBits(a * b);
                h = h * 31 + Double.doubleToLongBits(a / b);
                h = h * 31 + Double.doubleToLongBits(a % b);
                s.append(cmp(a, b)).append(Double.compare(a, b)).append(Math.max(a, b)).append(Math.min(a, b));
            }
            System.out.println(a + " " + (int) a + " " + (long) a + " " + (float) a + " " + (byte) a + " " + (char) a
                + 0 + " " + h + " " + s.toString().hashCode() + " " + Math.sqrt(a) + " " + Math.rint(a) + " "
                + Math.floor(a) + " " + Math.ceil(a) + " " + Math.round(a) + " " + Math.abs(a) + " " + -a + " "
                + Long.toHexString(Double.doubleToRawLongBits(a)) + " " + Double.toHexString(a) + " " + Math.ulp(a)
                + " " + Math.getExponent(a) + " " + Math.nextUp(a));
        }
        for (float a : f) {
            int h = 0;
            StringBuilder s = new StringBuilder();
            for (float b : f) {
                h = h * 31 + Float.floatToIntBits(a + b);
                h = h * 31 + Float.floatToIntBits(a - b);
                h = h * 31 + Float.floatToIntBits(a * b);
                h = h * 31 + Float.floatToIntBits(a / b);
                h = h * 31 + Float.floatToIntBits(a % b);
                s.append(cmp(a, b)).append(Float.compare(a, b)).append(Math.max(a, b)).append(Math.min(a, b));
            }
            System.out.println(a + " " + (int) a + " " + (long) a + " " + (double) a + " " + (short) a + " " + h + " "
                + s.toString().hashCode() + " " + Math.round(a) + " " + -a + " "
                + Integer.toHexString(Float.floatToRawIntBits(a)));
        }
        for (int i : new int[] {0, 1, -1, 16777217, Integer.MAX_VALUE, Integer.MIN_VALUE})
            System.out.println((float) i + " " + (double) i);
        for (long i : new long[] {0, 1, -1, 16777217, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE})
            System.out.println((float) i + " " + (double) i);
        System.out.println(5.5 % 2 + " " + -5.5 % 2 + " " + 5.5 % -2 + " " + 1e300 % 3 + " " + 5.3f % 0.7f + " "
            + 0.0 % 1 + " " + -0.0 % 1 + " " + 1 % Double.POSITIVE_INFINITY);
        System.out.println(0.1 + 0.2);
        System.out.println(0.1f + 0.2f);
        System.out.println(1.0 / 3);
        System.out.println(100.0f / 7);
        System.out.println(1e21 + " " + 1e-5 + " " + 123456789.0 + " " + 1.0E7 + " " + 9999999.0);
        System.out.println(Float.intBitsToFloat(0x7f800001) != Float.intBitsToFloat(0x7f800001));
        System.out.println(Double.valueOf(Double.NaN).equals(Double.NaN) + " " + Double.valueOf(0.0).equals(-0.0) + " "
            + (0.0 == -0.0));
        System.out.println(StrictMath.sin(1) + " " + StrictMath.pow(2, 0.5) + " " + StrictMath.exp(1) + " "
            + StrictMath.log(10) + " " + StrictMath.cbrt(27) + " " + StrictMath.atan2(1, -1) + " "
            + StrictMath.hypot(3, 4) + " " + StrictMath.tanh(0.5) + " " + StrictMath.IEEEremainder(5, 3));
        System.out.println(Math.fma(2.0, 3.0, 1.0) + " " + Math.fma(0.1f, 10f, -1f) + " " + Math.fma(0.1, 10, -1) + " "
            + Math.scalb(1.5, 10) + " " + Math.copySign(3, -0.0) + " " + Math.signum(-2.5));
        System.out.println(Double.parseDouble("1e-400") + " " + Double.parseDouble("0x1.8p1") + " "
            + Float.parseFloat("3.4028236e38") + " " + Double.parseDouble("  -12.5e3d "));
        try {
            Double.parseDouble("abc");
        } catch (NumberFormatException e) {
            System.out.println(e);
        }
    }
}
