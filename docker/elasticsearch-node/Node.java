import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.PluginsLoader;

/** One Elasticsearch node in this JVM. Arguments: its home folder, where it writes node.pid, then settings as name=value. */
public final class Node {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    Files.writeString(home.resolve("node.pid"), String.valueOf(ProcessHandle.current().pid()));
    Settings.Builder settings = Settings.builder().put("path.home", home);
    for (int i = 1; i < arguments.length; i++) {
      String[] pair = arguments[i].split("=", 2);
      settings.put(pair[0], pair[1]);
    }
    LogConfigurator.configureESLogging();
    LogConfigurator.configureWithoutConfig(settings.build());
    // The jars are on the class path: false, because the loader would otherwise look for Java modules.
    var modules = PluginsLoader.loadModulesBundles(home.resolve("modules"), false);
    var plugins = PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of(), false);
    var node = new org.elasticsearch.node.Node(new Environment(settings.build(), home.resolve("config")), plugins);
    // Before the start, so that a SIGTERM at any moment leaves whole files.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    new CountDownLatch(1).await();
  }

  private static void close(org.elasticsearch.node.Node node) {
    try {
      node.close();
    } catch (Exception error) {
      error.printStackTrace();
    }
  }
}
