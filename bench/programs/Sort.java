import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Sorts size objects by Comparable, by comparator chains and by a hand-written class, then searches: TimSort, casts. */
final class Sort extends Bench {
    static final class Person implements Comparable<Person> {
        final String name;
        final int age;
        final double score;

        Person(Random random) {
            name = StringBuild.word(random);
            age = random.below(80);
            score = random.real();
        }

        int age() {
            return age;
        }

        String name() {
            return name;
        }

        double score() {
            return score;
        }

        @Override public int compareTo(Person other) {
            int c = name.compareTo(other.name);
            return c != 0 ? c : Integer.compare(age, other.age);
        }
    }

    static final class ByLength implements Comparator<Person> {
        @Override public int compare(Person a, Person b) {
            return a.name.length() - b.name.length();
        }
    }

    static long hash(long hash, List<Person> list) {
        for (int i = 0; i < list.size(); i += 7) {
            hash = mix(hash, list.get(i).name);
            hash = mix(hash, list.get(i).age);
        }
        return hash;
    }

    @Override long run(int size) {
        Random random = new Random(10);
        List<Person> people = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            people.add(new Person(random));
        }
        long hash = hash(0, people);
        Collections.sort(people);
        hash = hash(hash, people);
        people.sort(Comparator.comparingInt(Person::age).thenComparing(Person::name, Comparator.reverseOrder()));
        hash = hash(hash, people);
        people.sort(new ByLength());
        hash = hash(hash, people);
        people.sort((a, b) -> Double.compare(b.score, a.score));
        hash = hash(hash, people);

        int[] numbers = new int[size];
        Integer[] boxes = new Integer[size];
        for (int i = 0; i < size; i++) {
            numbers[i] = random.next(31);
            boxes[i] = numbers[i];
        }
        Arrays.sort(numbers);
        Arrays.sort(boxes, Collections.reverseOrder());
        for (int i = 0; i < size; i += 11) {
            hash = mix(mix(hash, numbers[i]), boxes[i]);
            hash = mix(hash, Arrays.binarySearch(numbers, boxes[i]));
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new Sort(), args, 15000);
    }
}
