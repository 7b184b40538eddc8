// A light walk over the library: regex, big numbers, time, text, bundles, random, security digests, collections,
// locale.
import java.math.*;
import java.security.*;
import java.text.*;
import java.time.*;
import java.time.format.*;
import java.util.*;
import java.util.regex.*;
public class Library {
    public static class Res extends ListResourceBundle {
        protected Object[][] getContents() {
            return new Object[][] {{"k", "base"}, {"only", "b"}};
        }
    }
    public static class Res_de extends ListResourceBundle {
        protected Object[][] getContents() {
            return new Object[][] {{"k", "deutsch"}};
        }
    }
    static String hex(byte[] b) {
        return HexFormat.of().formatHex(b);
    }
    public static void main(String[] args) throws Exception {
        Matcher m = Pattern.compile("(?<y>\\d{4})-(\\d\\d)").matcher("on 2020-05 and 1999-12");
        while (m.find()) System.out.println(m.group("y") + m.group(2) + m.start() + m.end());
        System.out.println("aXbXc".split("X").length + "foo.bar".replaceAll("(\\w+)\\.(\\w+)", "$2.$1")
            + Pattern.matches("(?i)h.*o", "HELLO") + "aaa".matches("a{2,3}")
            + Pattern.compile("^(a+)+$").matcher("aaaaaaaaaaaab").find() + Pattern.compile("\\b").split("a b").length
            + "x1y22".replaceAll("(?<=[a-z])\\d+", "#"));
        try {
            Pattern.compile("(a");
        } catch (PatternSyntaxException e) {
            System.out.println(e.getDescription() + e.getIndex());
        }
        BigInteger a = new BigInteger("123456789012345678901234567890"), b = BigInteger.TWO.pow(200);
        System.out.println(a.multiply(b) + " " + b.mod(a) + " " + a.gcd(b) + " "
            + a.modPow(b, BigInteger.valueOf(1000007)) + " " + BigInteger.valueOf(97).modInverse(a) + " "
            + a.negate().shiftRight(7) + " " + b.bitLength() + a.isProbablePrime(10) + a.toString(36) + " " + b.sqrt());
        BigInteger f = BigInteger.ONE;
        for (int i = 2; i < 400; i++) f = f.multiply(BigInteger.valueOf(i));
        System.out.println(f.hashCode() + " " + f.toString().length());
        try {
            a.divide(BigInteger.ZERO);
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        BigDecimal d = new BigDecimal("1.10");
        System.out.println(d.add(new BigDecimal("2.205")) + " "
            + d.divide(new BigDecimal(7), 20, RoundingMode.HALF_EVEN) + " " + d.setScale(0, RoundingMode.UP) + " "
            + d.stripTrailingZeros() + d.equals(new BigDecimal("1.1")) + d.compareTo(new BigDecimal("1.1"))
            + new BigDecimal(0.1) + " " + new BigDecimal("1E+5").toPlainString()
            + new BigDecimal(2).sqrt(MathContext.DECIMAL64));
        try {
            BigDecimal.ONE.divide(new BigDecimal(3));
        } catch (ArithmeticException e) {
            System.out.println(e.getMessage());
        }
        LocalDateTime t = LocalDateTime.of(2020, 2, 29, 13, 5, 7);
        System.out.println(t.plusYears(1) + " "
            + t.format(DateTimeFormatter.ofPattern("EEEE, d MMMM yyyy HH:mm", Locale.ENGLISH)) + " "
            + Duration.ofSeconds(3661) + Period.between(LocalDate.of(2000, 1, 31), LocalDate.of(2020, 3, 1))
            + t.getDayOfWeek() + " " + ZonedDateTime.of(t, ZoneId.of("Europe/Berlin")).toInstant() + " "
            + Instant.ofEpochSecond(0) + LocalDate.parse("2021-12-31").getDayOfYear() + Year.isLeap(1900));
        try {
            LocalDate.of(2021, 2, 29);
        } catch (DateTimeException e) {
            System.out.println(e.getMessage());
        }
        SimpleDateFormat sdf = new SimpleDateFormat("yyyy-MM-dd HH:mm:ss z", Locale.US);
        sdf.setTimeZone(TimeZone.getTimeZone("America/New_York"));
        System.out.println(sdf.format(new Date(0)) + sdf.parse("2020-07-01 00:00:00 EDT").getTime());
        System.out.println(new DecimalFormat("#,##0.00", DecimalFormatSymbols.getInstance(Locale.US)).format(12345.678)
            + MessageFormat.format("{0} has {1,number,integer}", "x", 5)
            + NumberFormat.getCurrencyInstance(Locale.US).format(3.5)
            + NumberFormat.getInstance(Locale.FRANCE).format(1234.5).length()
            + new ChoiceFormat("0#none|1#one|2#many").format(5) + Collator.getInstance(Locale.GERMAN).compare("a", "B")
            + Normalizer.normalize("\u00e9", Normalizer.Form.NFD).length());
        System.out.println(ResourceBundle.getBundle("Library$Res", Locale.GERMAN).getString("k")
            + ResourceBundle.getBundle("Library$Res", Locale.GERMAN).getString("only"));
        try {
            ResourceBundle.getBundle("none");
        } catch (MissingResourceException e) {
            System.out.println(e.getMessage());
        }
        System.out.println(Locale.forLanguageTag("de-AT").getDisplayCountry(Locale.ENGLISH) + Locale.JAPAN
            + Currency.getInstance("EUR").getSymbol(Locale.US));
        for (String n : "MD5 SHA-1 SHA-256 SHA-512 SHA3-256".split(" "))
            System.out.println(n + hex(MessageDigest.getInstance(n).digest("abc".getBytes())));
        try {
            MessageDigest.getInstance("nope");
        } catch (NoSuchAlgorithmException e) {
            System.out.println(e.getMessage());
        }
        javax.crypto.Cipher c = javax.crypto.Cipher.getInstance("AES/CBC/PKCS5Padding");
        c.init(1, new javax.crypto.spec.SecretKeySpec(new byte[16], "AES"),
            new javax.crypto.spec.IvParameterSpec(new byte[16]));
        System.out.println(hex(c.doFinal("secret".getBytes())));
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec("k".getBytes(), "x"));
        System.out.println(hex(mac.doFinal("m".getBytes())));
        System.out.println(new SecureRandom().generateSeed(4).length);
        Random r = new Random(42);
        System.out.println(r.nextInt() + " " + r.nextInt(100) + r.nextDouble() + r.nextGaussian() + r.nextLong()
            + r.ints(3, 0, 10).sum() + new SplittableRandom(1).nextInt());
        TreeMap<String, Integer> tm = new TreeMap<>();
        HashMap<Object, Integer> hm = new HashMap<>();
        LinkedHashMap<Integer, Integer> lru = new LinkedHashMap<>(8, .75f, true) {
            protected boolean removeEldestEntry(Map.Entry<Integer, Integer> e) {
                return size() > 3;
            }
        };
        for (int i = 0; i < 1000; i++) {
            tm.put("k" + i * 7919 % 1000, i);
            hm.put(i % 2 == 0 ? (Object) i : "s" + i, i);
            lru.put(i, i);
        }
        System.out.println(tm.firstKey() + tm.headMap("k5").size() + tm.ceilingKey("k55")
            + tm.descendingMap().firstEntry() + hm.size() + lru + hm.values().stream().mapToInt(x -> x).sum());
        PriorityQueue<Integer> pq = new PriorityQueue<>(Comparator.reverseOrder());
        pq.addAll(List.of(3, 1, 4, 1, 5));
        ArrayDeque<Integer> dq = new ArrayDeque<>();
        for (int i = 0; i < 20; i++) {
            dq.addFirst(i);
            if (i % 3 == 0)
                dq.pollLast();
        }
        BitSet bs = new BitSet();
        bs.set(3, 70);
        bs.flip(5);
        System.out.println(pq.poll() + "" + dq + bs.cardinality() + bs.nextClearBit(3));
        Integer[] big = new Integer[2000];
        for (int i = 0; i < big.length; i++) big[i] = i * 7919 % 2003;
        Arrays.sort(big, Comparator.comparing((Integer x) -> x % 10).thenComparing(Comparator.reverseOrder()));
        System.out.println(Arrays.asList(big).subList(0, 5) + " " + Arrays.binarySearch(new int[] {1, 3, 5}, 4)
            + Collections.frequency(List.of(1, 1, 2), 1));
        List<Integer> sh = new ArrayList<>(List.of(1, 2, 3, 4, 5));
        Collections.shuffle(sh, new Random(1));
        Collections.rotate(sh, 2);
        System.out.println(sh);
        double[] ds = {3, -0.0, Double.NaN, 0.0, -1};
        Arrays.sort(ds);
        System.out.println(Arrays.toString(ds) + Arrays.hashCode(ds) + Arrays.equals(ds, ds.clone())
            + Arrays.mismatch(new int[] {1, 2}, new int[] {1, 3}) + Objects.hash(1, "a", null));
        try {
            Arrays.sort(new Object[] {1, "a"});
        } catch (ClassCastException e) {
            System.out.println(e.getMessage());
        }
    }
}
