/** Concatenation, StringBuilder, substring, indexOf, replace, split, case: Latin-1 and UTF-16 strings. */
final class StringBuild extends Bench {
    static String word(Random random) {
        StringBuilder b = new StringBuilder();
        for (int i = 2 + random.below(7); i > 0; i--) {
            b.append((char) ('a' + random.below(26)));
        }
        return b.toString();
    }

    @Override long run(int size) {
        Random random = new Random(9);
        long hash = 0;
        for (int i = 0; i < size; i++) {
            StringBuilder line = new StringBuilder();
            for (int k = 0; k < 20; k++) {
                String w = word(random);
                String decorated = k + ":" + w + (k % 3 == 0 ? "!" : ",") + (char) (i % 4 == 0 ? 0x3b1 + k : '_');
                line.append(decorated).append(' ').append(random.below(1000)).append(' ').append(k * 0x100000000L);
            }
            String s = line.toString();
            int commas = 0;
            for (int at = s.indexOf(','); at >= 0; at = s.indexOf(',', at + 1)) {
                commas++;
            }
            String upper = s.substring(s.length() / 4).toUpperCase();
            String[] parts = s.replace("! ", "?").split(" ");
            hash = mix(mix(hash, upper), commas);
            for (String part : parts) {
                hash = mix(hash, part.trim());
            }
            hash = mix(hash, new StringBuilder(s).reverse().insert(7, i).deleteCharAt(3).toString());
            hash = mix(hash, String.join("-", parts).contains("999") ? 1 : 0);
        }
        return hash;
    }

    public static void main(String[] args) throws Exception {
        main(new StringBuild(), args, 500);
    }
}
