package org.starling;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The version of this build, as written into checkpoints and model files. */
public final class StarlingVersion {
    /** For example {@code 0.1.0-SNAPSHOT}. */
    public static final String CURRENT = read();

    private StarlingVersion() {}

    private static String read() {
        Properties properties = new Properties();
        try (InputStream in = StarlingVersion.class.getResourceAsStream("version.properties")) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }
}
