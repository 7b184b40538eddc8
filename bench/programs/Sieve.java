/** Primes below size * 1000 with the sieve of Eratosthenes, three times: byte array stores in short loops. */
final class Sieve extends Bench {
    static int count(int limit) {
        boolean[] composite = new boolean[limit + 1];
        int primes = 0;
        for (int i = 2; i <= limit; i++) {
            if (!composite[i]) {
                primes++;
                for (long j = (long) i * i; j <= limit; j += i) {
                    composite[(int) j] = true;
                }
            }
        }
        return primes;
    }

    @Override long run(int size) {
        long hash = 0;
        for (int round = 0; round < 3; round++) {
            hash = mix(hash, count(size * 1000 + round));
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new Sieve(), args, 3000);
    }
}
