/** Naive Fibonacci numbers: calls and nothing else. */
final class Fib extends Bench {
    static int fib(int n) {
        return n < 2 ? n : fib(n - 1) + fib(n - 2);
    }

    @Override long run(int size) {
        return mix(0, fib(size));
    }

    public static void main(String[] args) throws Exception {
        main(new Fib(), args, 32);
    }
}
