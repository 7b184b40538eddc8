import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What `make demo` compiles with javac and runs: a sieve, a stream and a string or two. */
public class Primes {
    record Gap(int from, int to) {
        int size() {
            return to - from;
        }
    }

    public static void main(String[] args) {
        int limit = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
        boolean[] composite = new boolean[limit + 1];
        List<Integer> primes = new ArrayList<>();
        for (int i = 2; i <= limit; i++) {
            if (!composite[i]) {
                primes.add(i);
                for (long k = (long) i * i; k <= limit; k += i) {
                    composite[(int) k] = true;
                }
            }
        }
        Gap widest = new Gap(2, 3);
        for (int i = 1; i < primes.size(); i++) {
            Gap gap = new Gap(primes.get(i - 1), primes.get(i));
            if (gap.size() > widest.size()) {
                widest = gap;
            }
        }
        System.out.printf("%,d primes up to %,d; widest gap %s%n", primes.size(), limit, widest);
        System.out.println(primes.stream().limit(12).map(String::valueOf).collect(Collectors.joining(" ", "first: ", "")));
    }
}
