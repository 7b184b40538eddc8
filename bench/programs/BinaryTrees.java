/** Builds and counts complete binary trees up to the given depth, one of them long-lived: the allocator and the GC. */
final class BinaryTrees extends Bench {
    static final class Node {
        final Node left, right;

        Node(Node left, Node right) {
            this.left = left;
            this.right = right;
        }

        int count() {
            return left == null ? 1 : 1 + left.count() + right.count();
        }
    }

    static Node build(int depth) {
        return depth == 0 ? new Node(null, null) : new Node(build(depth - 1), build(depth - 1));
    }

    @Override long run(int size) {
        Node kept = build(size);
        long hash = 0;
        for (int depth = 4; depth <= size; depth += 4) {
            int trees = 1 << (size - depth + 4), sum = 0;
            for (int i = 0; i < trees; i++) {
                sum += build(depth).count();
            }
            hash = mix(hash, sum);
        }
        return mix(hash, kept.count());
    }

    public static void main(String[] args) throws Exception {
        main(new BinaryTrees(), args, 15);
    }
}
