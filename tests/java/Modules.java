// Modules and layers: names, exports, opens by option, services, resources.
// options: --add-opens java.base/java.lang=ALL-UNNAMED --add-exports java.base/jdk.internal.misc=ALL-UNNAMED
// --add-modules java.sql
import java.lang.module.*;
import java.util.*;
public class Modules {
    public static void main(String[] args) throws Exception {
        Module b = Object.class.getModule(), u = Modules.class.getModule();
        System.out.println(b + " " + u.isNamed() + u.getName() + b.getDescriptor().isOpen() + b.isExported("java.lang")
            + b.isExported("jdk.internal.misc") + b.isExported("jdk.internal.misc", u) + b.isOpen("java.lang", u)
            + b.isOpen("java.util", u) + u.canRead(b));
        java.lang.reflect.Field f = String.class.getDeclaredField("hash");
        f.setAccessible(true);
        System.out.println(f.getInt("abc".toString()) >= 0 ? "opened" : "opened!");
        try {
            ArrayList.class.getDeclaredField("size").setAccessible(true);
        } catch (RuntimeException e) {
            System.out.println(e.getClass());
        }
        System.out.println(Class.forName("jdk.internal.misc.Unsafe").getMethod("getUnsafe").invoke(null) != null);
        System.out.println(ModuleLayer.boot().findModule("java.sql").isPresent() + " "
            + ModuleLayer.boot().findModule("no.such").isPresent() + Class.forName("java.sql.Date").getModule());
        System.out.println(ModuleFinder.ofSystem().find("java.logging").get().descriptor().requires().size() + " "
            + ServiceLoader.load(java.nio.file.spi.FileSystemProvider.class)
                  .stream()
                  .map(p -> p.type().getName())
                  .sorted()
                  .toList());
        Class<?> proxy =
            java.lang.reflect.Proxy
                .newProxyInstance(Modules.class.getClassLoader(), new Class<?>[] {Runnable.class}, (p, m, a) -> null)
                .getClass();
        System.out.println(proxy.getModule().isNamed() + " " + proxy.getPackageName());
        try {
            ServiceLoader.load(Modules.class).findFirst().ifPresent(System.out::println);
            System.out.println("no service");
        } catch (ServiceConfigurationError e) {
            System.out.println(e.getMessage());
        }
        System.out.println(b.getPackages().contains("java.lang") + " "
            + (b.getResourceAsStream("java/lang/Object.class") != null) + b.getLayer().equals(ModuleLayer.boot())
            + u.getLayer() + Modules.class.getPackage().getName().isEmpty() + int.class.getModule());
        System.out.println(ModuleDescriptor.newModule("m").exports("p").build() + " "
            + ModuleDescriptor.Version.parse("1.2").compareTo(ModuleDescriptor.Version.parse("1.10")));
    }
}
