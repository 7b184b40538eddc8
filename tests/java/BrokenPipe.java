import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Who writes where nobody reads any more gets an exception; the signal SIGPIPE does not end the process. */
final class BrokenPipe {
    public static void main(String[] args) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel writer = SocketChannel.open(server.getLocalAddress())) {
                server.accept().close();
                for (int i = 0; i < 10_000; i++) {
                    writer.write(ByteBuffer.allocate(1000));
                }
                System.out.println("all written?");
            } catch (IOException e) {
                System.out.println("socket: an exception");
            }
        }
        Pipe pipe = Pipe.open();
        pipe.source().close();
        try {
            pipe.sink().write(ByteBuffer.allocate(10));
            System.out.println("written?");
        } catch (IOException e) {
            System.out.println("pipe: " + e.getMessage());
        }
        try {
            Process cat = new ProcessBuilder("sh", "-c", "exec yes | head -n 1").start();  // children have the signal as ever
            System.out.println(new String(cat.getInputStream().readAllBytes()).trim() + " " + cat.waitFor());
        } catch (InterruptedException e) {
            System.out.println(e);
        }
    }
}
