import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** Pipelines of lambdas: filter, map, flatMap, sorted, grouping, reduce, boxed and primitive; composed functions. */
final class Streams extends Bench {
    record Order(int id, String customer, int cents, boolean paid) { }

    @Override long run(int size) {
        Random random = new Random(11);
        List<Order> orders = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            orders.add(new Order(i, "c" + random.below(200), random.below(100000), random.below(3) != 0));
        }
        Map<String, Integer> totals = orders.stream().filter(Order::paid)
                .collect(Collectors.groupingBy(Order::customer, TreeMap::new, Collectors.summingInt(Order::cents)));
        long hash = 0;
        for (Map.Entry<String, Integer> e : totals.entrySet()) {
            hash = mix(mix(hash, e.getKey()), e.getValue());
        }
        String top = orders.stream().sorted((a, b) -> b.cents() != a.cents() ? b.cents() - a.cents() : a.id() - b.id())
                .limit(50).map(o -> o.customer() + "/" + o.id()).collect(Collectors.joining(","));
        hash = mix(hash, top);
        hash = mix(hash, orders.stream().mapToLong(Order::cents).filter(c -> c % 3 == 0).map(c -> c * c).sum());
        hash = mix(hash, IntStream.rangeClosed(1, size).boxed().flatMap(i -> Stream.of(i, i * 2, i * 3))
                .distinct().reduce(0, (a, b) -> a * 31 + b));
        hash = mix(hash, LongStream.iterate(1, x -> x * 6364136223846793005L + 1442695040888963407L).limit(size)
                .map(x -> x >>> 40).filter(x -> (x & 1) == 0).max().orElse(0));
        hash = mix(hash, orders.stream().anyMatch(o -> o.cents() == 100001) ? 1 : 0);
        LongUnaryOperator f = x -> x + 1;
        for (int i = 0; i < 20; i++) {
            int k = i;
            f = f.andThen(x -> x * 3 ^ k);
        }
        for (int i = 0; i < size / 4; i++) {
            hash = mix(hash, f.applyAsLong(i));
        }
        IntFunction<String> name = i -> "v" + i;
        return mix(hash, IntStream.range(0, size / 4).mapToObj(name).collect(Collectors.toSet()).size());
    }

    public static void main(String[] args) throws Exception {
        main(new Streams(), args, 20000);
    }
}
