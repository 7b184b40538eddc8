import java.util.HashMap;
import java.util.Map;

/** java.util.HashMap with Integer keys: size * 1000 merges, look-ups, removals and a walk over what is left. */
final class HashMapBench extends Bench {
    @Override long run(int size) {
        int n = size * 1000;
        Map<Integer, Integer> map = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < n; i++) {
            Integer key = random.below(n);
            Integer old = map.get(key);
            map.put(key, old == null ? i : old + i);
        }
        long sum = 0;
        for (int i = 0; i < n; i++) {
            Integer value = map.get(i);
            sum += value == null ? -1 : value;
        }
        for (int i = 0; i < n; i += 3) {
            map.remove(i);
        }
        for (Map.Entry<Integer, Integer> e : map.entrySet()) {
            sum += e.getKey() ^ e.getValue();
        }
        return mix(mix(0, map.size()), sum);
    }

    public static void main(String[] args) throws Exception {
        main(new HashMapBench(), args, 200);
    }
}
