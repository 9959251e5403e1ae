package org.starling.jobs.configuration;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/**
 * HOCON text from any Hadoop FileSystem, with its includes, which resolve against the file that names them. It knows which file
 * a value stands in.
 */
final class ConfigurationSource {
    private static final int LARGEST_FILE = 1 << 20;
    private static final int DEEPEST_INCLUDE = 16;

    private final Configuration hadoop;
    private final Map<String, Path> folders = new HashMap<>();
    private Path first;

    ConfigurationSource(Configuration hadoop) {
        this.hadoop = hadoop;
    }

    /** The file's settings with substitutions resolved. */
    Config read(String file) {
        try {
            return parse(new Path(file), file, 0).resolve();
        } catch (ConfigException e) {
            throw new InputException(
                    "%s is not a training file that can be read: %s".formatted(file, oneLine(e.getMessage())), e);
        } catch (StackOverflowError e) {
            // The parser calls itself for every bracket.
            throw new InputException(
                    "%s is not a training file: its values stand too deep in each other.".formatted(file));
        } catch (IllegalArgumentException e) {
            throw new InputException("'%s' is not a path: %s".formatted(file, e.getMessage()), e);
        }
    }

    /**
     * The folder of the file in which the value stands, which its relative paths start from. A value that was put together from
     * several places counts as the first file's.
     */
    Path folder(ConfigOrigin origin) {
        return folders.getOrDefault(fileName(origin), first);
    }

    /** File and line of a value. */
    static String place(ConfigOrigin origin) {
        return origin.lineNumber() < 1 ? fileName(origin) : fileName(origin) + ":" + origin.lineNumber();
    }

    private static String fileName(ConfigOrigin origin) {
        String line = ": " + origin.lineNumber();
        String description = origin.description();
        return description.endsWith(line)
                ? description.substring(0, description.length() - line.length())
                : description;
    }

    private Config parse(Path file, String shown, int depth) {
        String text = text(file, shown);
        ConfigParseOptions options = ConfigParseOptions.defaults()
                .setSyntax(ConfigSyntax.CONF)
                .setOriginDescription(shown)
                .setIncluder(new Includes(file, depth + 1));
        return ConfigFactory.parseString(text, options);
    }

    private String text(Path file, String shown) {
        try {
            FileSystem fs = file.getFileSystem(hadoop);
            FileStatus status = existing(fs, file, shown);
            if (status.isDirectory()) {
                throw new InputException("%s is a folder; a training file is expected.".formatted(shown));
            }
            if (status.getLen() > LARGEST_FILE) {
                throw new InputException("%s has %,d bytes; a training file has at most %,d."
                        .formatted(shown, status.getLen(), LARGEST_FILE));
            }
            Path folder = fs.makeQualified(file).getParent();
            folders.put(shown, folder);
            first = first == null ? folder : first;
            try (FSDataInputStream in = fs.open(file)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        } catch (IOException e) {
            throw new InputException(
                    "The training file %s cannot be read: %s".formatted(shown, oneLine(e.getMessage())), e);
        }
    }

    private static FileStatus existing(FileSystem fs, Path file, String shown) throws IOException {
        if (!fs.exists(file)) {
            String hint = new File(shown).isFile() && !fs.getScheme().equals("file")
                    ? " This machine's own disk has such a file: name it as %s.".formatted(new File(shown).toURI())
                    : "";
            throw new InputException(
                    "The training file %s does not exist (looked for %s).%s Give the path of a training file, such as conf/quickstart.conf."
                            .formatted(shown, fs.makeQualified(file), hint));
        }
        return fs.getFileStatus(file);
    }

    private static String oneLine(String text) {
        return text == null ? "no reason given" : text.replaceAll("\\s+", " ");
    }

    /** Resolves {@code include} against the including file's folder, on its file system. */
    private final class Includes
            implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
        private final Path from;
        private final int depth;

        Includes(Path from, int depth) {
            this.from = from;
            this.depth = depth;
        }

        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            if (depth > DEEPEST_INCLUDE) {
                throw new InputException("%s includes %s, and that more than %d files deep: do they include each other?"
                        .formatted(from, what, DEEPEST_INCLUDE));
            }
            Path file = new Path(from.getParent(), what);
            return parse(file, file.toString(), depth).root();
        }

        @Override
        public ConfigObject includeFile(ConfigIncludeContext context, File what) {
            return include(context, what.getPath());
        }

        @Override
        public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
            throw new InputException("%s includes a URL; include a file by its path instead.".formatted(from));
        }

        @Override
        public ConfigObject includeResources(ConfigIncludeContext context, String what) {
            throw new InputException(
                    "%s includes a class path resource; include a file by its path instead.".formatted(from));
        }
    }
}
