/**
 * Complex fast Fourier transform of 2^size points, radix 2 in place, forth and back: strided double array accesses.
 * Roots of unity come from half-angle formulas, so that every IEEE machine gets the same bits without a sine.
 */
final class FFT extends Bench {
    static void transform(double[] d, boolean inverse) {
        int n = d.length / 2;
        for (int i = 0, j = 0; i < n - 1; i++) {  // bit reversal
            if (i < j) {
                double re = d[2 * i], im = d[2 * i + 1];
                d[2 * i] = d[2 * j];
                d[2 * i + 1] = d[2 * j + 1];
                d[2 * j] = re;
                d[2 * j + 1] = im;
            }
            int k = n / 2;
            while (k <= j) {
                j -= k;
                k /= 2;
            }
            j += k;
        }
        double cos = -1, sin = 0;  // of pi / half
        for (int half = 1; half < n; half *= 2) {
            double wr = 1, wi = 0, s = inverse ? -sin : sin;
            for (int a = 0; a < half; a++) {
                for (int b = a; b < n; b += 2 * half) {
                    int p = 2 * b, q = 2 * (b + half);
                    double re = d[q] * wr - d[q + 1] * wi;
                    double im = d[q] * wi + d[q + 1] * wr;
                    d[q] = d[p] - re;
                    d[q + 1] = d[p + 1] - im;
                    d[p] += re;
                    d[p + 1] += im;
                }
                double t = wr * cos - wi * s;
                wi = wr * s + wi * cos;
                wr = t;
            }
            double c = Math.sqrt((1 + cos) / 2);
            sin = half == 1 ? 1 : sin / (2 * c);
            cos = c;
        }
        if (inverse) {
            for (int i = 0; i < d.length; i++) {
                d[i] /= n;
            }
        }
    }

    @Override long run(int size) {
        double[] data = new double[2 << size];
        Random random = new Random(3);
        for (int i = 0; i < data.length; i++) {
            data[i] = random.real();
        }
        long hash = 0;
        for (int round = 0; round < 4; round++) {
            transform(data, false);
            for (int i = 0; i < data.length; i += 97) {
                hash = mix(hash, data[i]);
            }
            transform(data, true);
        }
        for (double v : data) {
            hash = mix(hash, v);
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new FFT(), args, 15);
    }
}
