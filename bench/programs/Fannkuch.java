/** Pancake flips over all permutations of size elements: small int arrays, swaps, unpredictable loops. */
final class Fannkuch extends Bench {
    static int flips(int[] perm, int[] work, int n) {
        for (int i = 0; i < n; i++) {
            work[i] = perm[i];
        }
        int count = 0;
        for (int first = work[0]; first != 0; first = work[0]) {
            for (int lo = 0, hi = first; lo < hi; lo++, hi--) {
                int t = work[lo];
                work[lo] = work[hi];
                work[hi] = t;
            }
            count++;
        }
        return count;
    }

    @Override long run(int n) {
        int[] perm = new int[n], work = new int[n], turns = new int[n];
        for (int i = 0; i < n; i++) {
            perm[i] = i;
        }
        int most = 0, sum = 0, sign = 1;
        for (;;) {
            int count = flips(perm, work, n);
            most = Math.max(most, count);
            sum += sign * count;
            sign = -sign;
            int level = 1;  // the next permutation: rotate prefixes, an odometer of rotations
            for (; level < n; level++) {
                int first = perm[0];
                for (int i = 0; i < level; i++) {
                    perm[i] = perm[i + 1];
                }
                perm[level] = first;
                if (++turns[level] <= level) {
                    break;
                }
                turns[level] = 0;
            }
            if (level >= n) {
                return mix(mix(0, most), sum);
            }
        }
    }

    public static void main(String[] args) throws Exception {
        main(new Fannkuch(), args, 9);
    }
}
