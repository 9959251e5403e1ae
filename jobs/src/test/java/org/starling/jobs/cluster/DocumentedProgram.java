package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;

/** Programs in Java that stand on the pages of the documentation. */
public final class DocumentedProgram {
    private static final Pattern JAVA = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);

    private DocumentedProgram() {}

    /** A page's, word for word. */
    public static List<String> of(String page) throws IOException {
        Matcher block = JAVA.matcher(Files.readString(Checkout.ROOT.resolve(page)));
        List<String> programs = new ArrayList<>();
        while (block.find()) {
            programs.add(block.group(1));
        }
        return programs;
    }

    /** Compiles a file with this JVM's class path, into a folder. */
    public static void compile(Path source, Path classes) {
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(null, null, complaints, "-d", classes.toString(), "-proc:none", source.toString());
        assertEquals(0, failed, complaints::toString);
    }
}
