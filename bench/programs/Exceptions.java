/**
 * Exceptions thrown by size * 100 calls at depths 1 to 32 and caught at the top, on the way, and by finally blocks.
 * Messages of the VM's own exceptions stay out of the checksum: HotSpot's compiler leaves them away in hot code.
 */
final class Exceptions extends Bench {
    static final class Quick extends RuntimeException {
        private static final long serialVersionUID = 1;
        final int code;

        Quick(int code) {
            super(null, null, false, false);  // no stack trace
            this.code = code;
        }
    }

    static final class Checked extends Exception {
        private static final long serialVersionUID = 1;

        Checked(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private int finallies;

    int descend(int depth, int kind, int[] small) throws Checked {
        if (depth > 0) {
            if ((depth & 7) != 5) {
                return descend(depth - 1, kind, small) + 1;
            }
            try {
                return descend(depth - 1, kind, small) + 1;
            } catch (ArithmeticException e) {
                throw new Checked("at " + depth, e);
            } finally {
                finallies++;
            }
        }
        switch (kind) {
            case 0:
                throw new Quick(small.length);
            case 1:
                return small[kind + small.length];
            case 2:
                return 1 / (small.length - 4);
            case 3:
                return ((int[]) null).length;
            case 4:
                return ((String) (Object) small).length();
            default:
                throw new IllegalStateException("kind " + kind);
        }
    }

    @Override long run(int size) {
        finallies = 0;
        int[] small = new int[4];
        long hash = 0;
        for (int i = 0; i < size * 100; i++) {
            int depth = 1 + i % 32;
            try {
                hash = mix(hash, descend(depth, i % 6, small));
            } catch (Quick e) {
                hash = mix(hash, e.code);
            } catch (IndexOutOfBoundsException | NullPointerException e) {
                hash = mix(hash, e instanceof NullPointerException ? 3 : 5);
            } catch (Checked e) {
                hash = mix(mix(hash, e.getMessage()), e.getCause().getClass().getName());
            } catch (ArithmeticException | ClassCastException e) {
                hash = mix(hash, e instanceof ClassCastException ? 7 : 9);
            } catch (IllegalStateException e) {
                if (i % 100 == 5) {
                    StackTraceElement[] trace = e.getStackTrace();
                    hash = mix(mix(hash, trace[depth].getMethodName()), trace[depth].getLineNumber());
                }
                hash = mix(hash, e.getMessage());
            }
        }
        return mix(hash, finallies);
    }

    public static void main(String[] args) throws Exception {
        main(new Exceptions(), args, 500);
    }
}
