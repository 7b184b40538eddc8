/** Calls through interfaces and abstract classes with one, two and many receivers, type tests and casts. */
final class Interfaces extends Bench {
    interface Shape {
        int area();

        default int twice() {
            return 2 * area();
        }
    }

    interface Named {
        int tag();
    }

    abstract static class Base implements Shape, Named {
        final int a;

        Base(int a) {
            this.a = a;
        }

        abstract int edge();
    }

    static class Square extends Base {
        Square(int a) {
            super(a);
        }

        @Override public int area() {
            return a * a;
        }

        @Override int edge() {
            return 4 * a;
        }

        @Override public int tag() {
            return 1;
        }
    }

    static final class Cube extends Square {
        Cube(int a) {
            super(a);
        }

        @Override public int area() {
            return 6 * super.area();
        }

        @Override public int twice() {
            return area() + area() + 1;
        }
    }

    static final class Line extends Base {
        Line(int a) {
            super(a);
        }

        @Override public int area() {
            return 0;
        }

        @Override int edge() {
            return a;
        }

        @Override public int tag() {
            return 2;
        }
    }

    static final class Triangle extends Base {
        Triangle(int a) {
            super(a);
        }

        @Override public int area() {
            return a * a / 2;
        }

        @Override int edge() {
            return 3 * a;
        }

        @Override public int tag() {
            return 3;
        }
    }

    record Point(int x, int y) implements Shape {
        @Override public int area() {
            return x ^ y;
        }
    }

    enum Unit implements Shape {
        ONE {
            @Override public int area() {
                return 1;
            }
        },
        TEN {
            @Override public int area() {
                return 10;
            }
        }
    }

    static Shape[] mixed(int kinds) {
        Shape[] shapes = new Shape[64];
        Random random = new Random(kinds);
        for (int i = 0; i < shapes.length; i++) {
            switch (random.below(kinds)) {
                case 0 -> shapes[i] = new Square(i);
                case 1 -> shapes[i] = new Cube(i);
                case 2 -> shapes[i] = new Line(i);
                case 3 -> shapes[i] = new Triangle(i);
                case 4 -> shapes[i] = new Point(i, 3);
                case 5 -> shapes[i] = Unit.ONE;
                case 6 -> shapes[i] = Unit.TEN;
                default -> {
                    int k = i;
                    shapes[i] = new Shape() {
                        @Override public int area() {
                            return k;
                        }
                    };
                }
            }
        }
        return shapes;
    }

    static int one(Shape[] shapes) {
        int sum = 0;
        for (Shape s : shapes) {
            sum += s.area();
        }
        return sum;
    }

    static int two(Shape[] shapes) {
        int sum = 0;
        for (Shape s : shapes) {
            sum += s.area() + s.twice();
        }
        return sum;
    }

    static int many(Shape[] shapes) {
        int sum = 0;
        for (Shape s : shapes) {
            sum = sum * 3 + s.area() + s.twice();
            if (s instanceof Base b) {
                sum += b.edge();
            }
            if (s instanceof Named) {
                sum += ((Named) s).tag();
            }
        }
        return sum;
    }

    @Override long run(int size) {
        Shape[] mono = mixed(1), bi = mixed(2), mega = mixed(8);
        long hash = 0;
        for (int i = 0; i < size * 10; i++) {
            hash = mix(hash, one(mono));
            hash = mix(hash, two(bi));
            hash = mix(hash, many(mega));
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new Interfaces(), args, 1000);
    }
}
