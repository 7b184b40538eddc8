/* Builds and counts complete binary trees with malloc and free. */
#define NAME         "BinaryTrees"
#define DEFAULT_SIZE 15
#include "bench.h"

typedef struct Node Node;
struct Node {
    Node *left, *right;
};

static Node *build(int depth)
{
    Node *node = allocate(1, sizeof *node);
    if (depth > 0) {
        node->left = build(depth - 1);
        node->right = build(depth - 1);
    }
    return node;
}

static int count(const Node *node)
{
    return node->left ? 1 + count(node->left) + count(node->right) : 1;
}

static void release(Node *node)
{
    if (node) {
        release(node->left);
        release(node->right);
        free(node);
    }
}

static uint64_t run(int size)
{
    Node *kept = build(size);
    uint64_t hash = 0;
    for (int depth = 4; depth <= size; depth += 4) {
        int trees = 1 << (size - depth + 4), sum = 0;
        for (int i = 0; i < trees; i++) {
            Node *tree = build(depth);
            sum += count(tree);
            release(tree);
        }
        hash = mix(hash, sum);
    }
    hash = mix(hash, count(kept));
    release(kept);
    return hash;
}
