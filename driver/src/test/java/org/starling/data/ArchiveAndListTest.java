package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;

/** Archives as tar writes them, and lists. */
class ArchiveAndListTest {
    @TempDir
    Path folder;

    private final JavaSparkContext spark = LocalSpark.context();

    private ImageSource open(Path path) {
        return ImageSource.open(spark, path.toString(), "auto");
    }

    /** Name, class and content of every image, by name. */
    private TreeMap<String, String> content(ImageSource source) {
        TreeMap<String, String> content = new TreeMap<>();
        for (ImageRecord image : source.records(spark, 2).collect()) {
            String label = image.label() < 0 ? "-" : source.classes().get(image.label());
            assertEquals(null, content.put(image.name(), label + " " + new String(image.bytes())));
        }
        return content;
    }

    private void file(String name, String content) throws IOException {
        TestImages.write(folder.resolve("in").resolve(name), content.getBytes());
    }

    private Path tar(String archive, String... words) throws Exception {
        Path target = folder.resolve(archive);
        Files.createDirectories(target.getParent());
        List<String> command = new ArrayList<>(List.of("tar", "-cf", target.toString(), "-C", folder + "/in"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertEquals(0, process.waitFor());
        return target;
    }

    private static void assertRefused(Runnable action, String... parts) {
        Exception thrown = assertThrows(Exception.class, action::run);
        String message = InputException.within(thrown).orElseThrow().getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    @Test
    void foldersInAnArchiveAreClasses() throws Exception {
        String longName = "x".repeat(180);
        file("cat/1.jpg", "one");
        file("cat/deep/" + longName + ".jpg", "two");
        file("dog/3.jpg", "t".repeat(5000));
        file("dog/._3.jpg", "hidden");
        for (String format : List.of("gnu", "pax", "ustar")) {
            List<String> words = new ArrayList<>(List.of("--format=" + format, "."));
            if (format.equals("ustar")) {
                // Which has no names as long.
                words.add(1, "--exclude=x*");
            }
            Path archive = tar(format + "/set.tar", words.toArray(String[]::new));
            ImageSource source = open(archive);
            assertEquals("tar", source.format());
            assertEquals(List.of("cat", "dog"), source.classes());
            TreeMap<String, String> content = content(source);
            assertEquals("cat one", content.get("set.tar/cat/1.jpg"));
            assertEquals("dog " + "t".repeat(5000), content.get("set.tar/dog/3.jpg"));
            if (!format.equals("ustar")) {
                assertEquals("cat two", content.remove("set.tar/cat/deep/" + longName + ".jpg"));
            }
            assertEquals(2, content.size());
        }
    }

    @Test
    void archivesWithoutFoldersAreClassesThemselves() throws Exception {
        file("a.jpg", "a");
        file("b.jpg", "b");
        tar("set/train/n02.tar", "a.jpg", "b.jpg");
        tar("set/train/n01.tar", "a.jpg");
        ImageSource source = open(folder.resolve("set/train"));
        assertEquals(List.of("n01", "n02"), source.classes());
        assertEquals(
                "{n01.tar/a.jpg=n01 a, n02.tar/a.jpg=n02 a, n02.tar/b.jpg=n02 b}",
                content(source).toString());
        assertEquals(
                "{n01.tar/a.jpg=- a, n02.tar/a.jpg=- a, n02.tar/b.jpg=- b}",
                content(ImageSource.openUnlabelled(
                                spark, folder.resolve("set/train").toString(), "auto"))
                        .toString());
        assertRefused(() -> open(folder.resolve("set/train/n01.tar")), "Only one class", "n01");
        // Where each task finds its own.
        List<ImageRecord> chosen = source.select(spark, List.of(List.of("n02.tar/b.jpg", "n01.tar/a.jpg"), List.of()))
                .collect();
        assertEquals(
                List.of("n02.tar/b.jpg", "n01.tar/a.jpg"),
                chosen.stream().map(ImageRecord::name).toList());
    }

    @Test
    void samplesHaveTheirClassBesideThem() throws Exception {
        file("000.jpg", "zero");
        file("000.cls", "1\n");
        file("000.json", "{}");
        file("001.seg.png", "one");
        file("001.cls", "0");
        Path archive = tar("samples/shard-0.tar", ".");
        ImageSource source = open(archive);
        assertEquals(List.of("0", "1"), source.classes());
        assertFalse(source.namesClasses());
        assertEquals(
                "{shard-0.tar/000.jpg=1 zero, shard-0.tar/001.seg.png=0 one}",
                content(source).toString());
        Files.writeString(folder.resolve("samples/classes.txt"), "cat\ndog\n");
        assertEquals(
                "{shard-0.tar/000.jpg=dog zero, shard-0.tar/001.seg.png=cat one}",
                content(open(archive)).toString());

        file("002.jpg", "two");
        assertRefused(() -> open(tarUnchecked("lacking/a.tar")), "sample 002", "no .cls");
        file("002.cls", "dog");
        assertRefused(() -> open(tarUnchecked("wrong/a.tar")), "002.cls", "'dog'", "number");
    }

    private Path tarUnchecked(String archive) {
        try {
            return tar(archive, ".");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void ofTwoFilesOfOneNameTheLaterStandsAndLinksAreTheirFiles() throws Exception {
        file("cat/1.jpg", "old");
        file("dog/2.jpg", "two");
        Files.createLink(folder.resolve("in/dog/3.jpg"), folder.resolve("in/dog/2.jpg"));
        Files.createSymbolicLink(folder.resolve("in/dog/4.jpg"), folder.resolve("in/dog/2.jpg"));
        file("README.txt", "not an image");
        file("_thumbs/1.jpg", "hidden");
        Path archive = tar("set.tar", "cat", "dog", "README.txt", "_thumbs");
        file("cat/1.jpg", "new");
        Process append = new ProcessBuilder("tar", "-rf", archive.toString(), "-C", folder + "/in", "./cat/1.jpg")
                .inheritIO()
                .start();
        assertEquals(0, append.waitFor());
        ImageSource source = open(archive);
        assertEquals(
                "{set.tar/cat/1.jpg=cat new, set.tar/dog/2.jpg=dog two, set.tar/dog/3.jpg=dog two}",
                content(source).toString());
        String before = source.state();
        assertEquals(before, open(archive).state());
        Files.setLastModifiedTime(archive, java.nio.file.attribute.FileTime.fromMillis(1_000_000));
        assertFalse(before.equals(open(archive).state()));

        byte[] whole = Files.readAllBytes(archive);
        Files.write(archive, Arrays.copyOf(whole, 2000));
        assertRefused(() -> source.records(spark, 1).collect(), "ends within");
    }

    /** Where an archive lies beside the folders that came from it, they are the set. */
    @Test
    void foldersBesideAnArchiveAreStillFolders() throws Exception {
        file("cat/1.jpg", "one");
        file("dog/2.jpg", "two");
        tar("in/photos.tar", "cat", "dog");
        assertEquals("folder", open(folder.resolve("in")).format());
    }

    @Test
    void archivesThatAreCutOrNoneAreRefused() throws Exception {
        file("cat/1.jpg", "1".repeat(3000));
        file("dog/2.jpg", "2".repeat(3000));
        byte[] whole = Files.readAllBytes(tar("whole.tar", "."));
        Path cut = folder.resolve("cut/set.tar");
        TestImages.write(cut, Arrays.copyOf(whole, 4000));
        assertRefused(() -> open(cut), "cut/set.tar", "cannot be read", "whole");
        Path text = folder.resolve("text/set.tar");
        TestImages.write(
                text, "no archive, but longer than a header of one. ".repeat(40).getBytes());
        assertRefused(() -> open(text), "text/set.tar", "cannot be read");
        TestImages.write(folder.resolve("empty/set.tar"), new byte[1024]);
        assertRefused(() -> open(folder.resolve("empty/set.tar")), "No tar archives with files");
    }

    @Test
    void aListNamesFilesAndClasses() throws Exception {
        TestImages.write(folder.resolve("photos/a b.jpg"), "ab".getBytes());
        TestImages.write(folder.resolve("c.jpg"), "c".getBytes());
        Path list = folder.resolve("train.txt");
        Files.writeString(list, "photos/a b.jpg\tsiamese cat\nc.jpg dog\n\nmissing.jpg dog\n");
        ImageSource source = open(list);
        assertEquals("list", source.format());
        assertEquals(List.of("dog", "siamese cat"), source.classes());
        assertTrue(source.namesClasses());
        List<ImageRecord> records = source.records(spark, 2).collect();
        assertArrayEquals("ab".getBytes(), records.get(0).bytes());
        assertEquals(1, records.get(0).label());
        assertEquals("photos/a b.jpg", records.get(0).name());
        assertEquals(ImageRecord.Encoding.UNREADABLE, records.get(2).encoding());

        Files.writeString(list, "c.jpg 2\nphotos/a b.jpg 0\nx.jpg 1");
        assertEquals(List.of("0", "1", "2"), open(list).classes());
        assertFalse(open(list).namesClasses());
        Files.writeString(folder.resolve("classes.txt"), "cat\ndog\nhorse\n");
        assertEquals(List.of("cat", "dog", "horse"), open(list).classes());
    }

    @Test
    void linesThatSayNothingAreNamed() throws Exception {
        Path list = folder.resolve("train.lst");
        Files.writeString(list, "a.jpg 0\nb.jpg\n");
        assertRefused(() -> open(list), "Line 2", "'b.jpg'", "its class");
        Files.writeString(list, "a.jpg 0\nb.jpg 1\na.jpg 1\n");
        assertRefused(() -> open(list), "Line 3", "a.jpg", "again");
        Files.writeString(list, "a.jpg 0\nb.jpg 999999999\n");
        assertRefused(() -> open(list), "999999999", "below 1000000");
        Files.writeString(list, "\n");
        assertRefused(() -> open(list), "is empty");
        Files.writeString(list, "b.jpg\nc.jpg\n");
        assertEquals(
                2,
                ImageSource.openUnlabelled(spark, list.toString(), "auto")
                        .records(spark, 1)
                        .count());
    }
}
