package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code describe --data}, of 7 pictures of two classes, one with a name that is HTML, and a file that is none. */
class DescribeDataTest {
    private static final String HOSTILE = "<script>alert(1)<\u2044script>";

    @TempDir
    Path folder;

    private Path images;

    @BeforeEach
    void pictures() throws IOException {
        images = folder.resolve("images");
        for (int i = 0; i < 7; i++) {
            BufferedImage picture = new BufferedImage(20 + i, 30, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(i, i, 0xFF8000);
            Path file = images.resolve((i < 5 ? "cat/" : HOSTILE + "/") + i + ".png");
            Files.createDirectories(file.getParent());
            ImageIO.write(picture, "png", file.toFile());
        }
        Files.writeString(images.resolve("cat/x.png"), "no picture");
    }

    @Test
    void theConsoleHasCountsSizesAndBadImages() {
        CommandLineRun run = CommandLineRun.of("describe", "--data", images.toString());
        assertEquals(0, run.exitCode(), run::toString);
        String text = String.join("\n", run.out());
        assertTrue(text.contains("images    7, 7 PNG"), text);
        assertTrue(text.contains("pixels    30 high, 20 to 26 wide"), text);
        assertTrue(Pattern.compile("cat +5 #{40}").matcher(text).find(), text);
        assertTrue(Pattern.compile("script> +2 #{16}\n").matcher(text).find(), text);
        assertTrue(text.contains("cat/x.png: not an image file"), text);
    }

    @Test
    void thePageNeedsNoOtherFileAndShowsTheConfiguredAugmentation() throws IOException {
        Path page = folder.resolve("page.html");
        Path conf = folder.resolve("my.conf");
        Files.writeString(
                folder.resolve("model.json"),
                """
                {"class_name":"Sequential","config":{"name":"tiny","layers":[
                 {"class_name":"InputLayer","config":{"name":"in","batch_input_shape":[null,16,16,3],"dtype":"float32"}},
                 {"class_name":"Flatten","config":{"name":"flat"}},
                 {"class_name":"Dense","config":{"name":"out","units":2,"activation":"softmax"}}]}}
                """);
        Files.writeString(conf, "model.file = model.json, data.train = images, data.shortSide = 20");
        CommandLineRun run = CommandLineRun.of(
                "describe",
                "--data",
                images.toString(),
                "--page",
                page.toString(),
                conf.toString(),
                "data.augmentation.crop=random",
                "data.augmentation.lighting=0.1");
        assertEquals(0, run.exitCode(), run::toString);
        String html = Files.readString(page);
        assertFalse(html.contains("<script"), "a class's name became HTML");
        assertTrue(html.contains("&lt;script&gt;alert(1)"));
        assertFalse(Pattern.compile("(src|href)=\"(?!data:)").matcher(html).find(), "it needs another file");
        assertTrue(html.contains("crop, lighting"));
        assertTrue(html.contains("cat/x.png"));
        Matcher pictures = Pattern.compile("data:image/png;base64,([^\"]+)").matcher(html);
        int count = 0;
        while (pictures.find()) {
            byte[] png = Base64.getDecoder().decode(pictures.group(1));
            assertTrue(ImageIO.read(new ByteArrayInputStream(png)) != null);
            count++;
        }
        // Four samples of one class and two of the other, and twelve epochs.
        assertEquals(4 + 2 + 12, count);
        assertTrue(CommandLineRun.of("describe", "--data", images.toString(), "--page", page.toString())
                .err()
                .get(0)
                .contains("exists already"));
    }

    @Test
    void aPreparedSetHasThePageInItsFolderAndTheSameOneAgain() throws IOException {
        for (String name : new String[] {"first", "second"}) {
            CommandLineRun run = CommandLineRun.of(
                    "prepare",
                    "--data",
                    images.toString(),
                    "--out",
                    folder.resolve(name).toString(),
                    "--bad-image-limit",
                    "0.2");
            assertEquals(0, run.exitCode(), run::toString);
        }
        String page = Files.readString(folder.resolve("first/overview.html"));
        assertTrue(page.contains("7 images of 2 classes"), page.substring(0, 200));
        assertEquals(page, Files.readString(folder.resolve("second/overview.html")));
    }

    @Test
    void wrongCommandLinesSayWhatIsExpected() {
        assertTrue(CommandLineRun.of("describe").err().get(0).contains("MODEL"));
        assertTrue(CommandLineRun.of("describe", "--page", "p.html", "m.json")
                .err()
                .get(0)
                .contains("--data PATH"));
        assertTrue(
                CommandLineRun.of("describe", "--data", folder.resolve("none").toString())
                        .err()
                        .get(0)
                        .contains("does not exist"));
    }
}
