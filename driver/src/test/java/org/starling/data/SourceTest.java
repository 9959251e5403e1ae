package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;
import org.starling.LocalSpark;

/** Each source, from real files to records, and what it says of files that it cannot use. */
class SourceTest {
    @TempDir
    Path folder;

    private ImageSource open(Path path, String format) {
        return ImageSource.open(LocalSpark.context(), path.toString(), format);
    }

    private static List<ImageRecord> records(ImageSource source, int partitions) {
        return source.records(LocalSpark.context(), partitions).collect();
    }

    private static List<String> names(ImageSource source) {
        return records(source, 2).stream().map(ImageRecord::name).toList();
    }

    /** The message of the error, which must hold each of the parts. */
    private static void assertRefused(Executable action, String... parts) {
        String message = assertThrows(InputException.class, action).getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    @Nested
    class Folders {
        @Test
        void classesAreSubFoldersByCodePointAndFilesMayBeNested() throws IOException {
            for (String name : List.of("b", "B", "10", "9")) {
                TestImages.writePicture(folder.resolve(name).resolve("deep/er/x.png"), 4, 4, 1);
                TestImages.writePicture(folder.resolve(name).resolve("a.png"), 4, 4, 2);
            }
            ImageSource source = open(folder, "auto");
            assertEquals("folder", source.format());
            assertEquals(List.of("10", "9", "B", "b"), source.classes());
            List<ImageRecord> records = records(source, 3);
            assertEquals(8, records.size());
            assertEquals("10/a.png", records.get(0).name());
            assertEquals("10/deep/er/x.png", records.get(1).name());
            for (ImageRecord image : records) {
                assertEquals(image.name().split("/")[0], source.classes().get(image.label()));
                assertArrayEquals(Files.readAllBytes(folder.resolve(image.name())), image.bytes());
            }
        }

        @Test
        void codePointsAreNotUtf16Units() {
            // By UTF-16 units the emoji (a surrogate pair) would come before the full-width letter. No file has these
            // names here: what Java can write depends on the locale.
            List<String> names = new ArrayList<>(List.of("\uD83D\uDE00", "\uFF21", "\u00E4", "z", "Z"));
            names.sort(SourceFiles.BY_CODE_POINT);
            assertEquals(List.of("Z", "z", "\u00E4", "\uFF21", "\uD83D\uDE00"), names);
        }

        @Test
        void hiddenFilesAndFilesBesideTheClassFoldersAreIgnored() throws IOException {
            for (String name : List.of(
                    "cat/1.png",
                    "dog/2.png",
                    "cat/.hidden.png",
                    "cat/_SUCCESS",
                    ".git/3.png",
                    "_temporary/4.png",
                    "dog/.cache/5.png",
                    "README.png")) {
                TestImages.writePicture(folder.resolve(name.replace("_SUCCESS", "_SUCCESS.png")), 4, 4, 1);
            }
            ImageSource source = open(folder, "folder");
            assertEquals(List.of("cat", "dog"), source.classes());
            assertEquals(List.of("cat/1.png", "dog/2.png"), names(source));
        }

        @Test
        void oddNamesAreReadAsTheyAre() throws IOException {
            List<String> odd = List.of("a/100%25 real#1?.png", "a/with space.png", "b/[1].png", "b/x{2}*.png");
            for (String name : odd) {
                TestImages.writePicture(folder.resolve(name), 4, 4, 1);
            }
            List<ImageRecord> records = records(open(folder, "folder"), 2);
            assertEquals(odd, records.stream().map(ImageRecord::name).toList());
            assertTrue(records.stream().allMatch(image -> image.encoding() == ImageRecord.Encoding.FILE));
        }

        @Test
        void aNameThatHadoopCannotOpenIsOneBadImage() throws IOException {
            TestImages.writePicture(folder.resolve("a/x:y.png"), 4, 4, 1);
            TestImages.writePicture(folder.resolve("b/z.png"), 4, 4, 1);
            List<ImageRecord> records = records(open(folder, "folder"), 2);
            assertEquals("a/x:y.png", records.get(0).name());
            assertEquals(ImageRecord.Encoding.UNREADABLE, records.get(0).encoding());
            assertEquals(ImageRecord.Encoding.FILE, records.get(1).encoding());
        }

        @Test
        void aFileThatVanishedOrFailsItsChecksumIsOneBadImage() throws Exception {
            TestImages.writePicture(folder.resolve("a/gone.png"), 4, 4, 1);
            TestImages.writePicture(folder.resolve("a/rotten.png"), 4, 4, 1);
            TestImages.writePicture(folder.resolve("b/good.png"), 4, 4, 1);
            // Hadoop's checksum file: "crc", version 0, bytes per checksum, and checksums that do not match.
            byte[] checksums = {'c', 'r', 'c', 0, 0, 0, 2, 0, 1, 2, 3, 4};
            Files.write(folder.resolve("a/.rotten.png.crc"), checksums);
            ImageSource source = open(folder, "folder");
            Files.delete(folder.resolve("a/gone.png"));
            List<ImageRecord> records = records(source, 2);
            assertEquals(
                    List.of("UNREADABLE", "UNREADABLE", "FILE"),
                    records.stream().map(image -> image.encoding().name()).toList());
            assertTrue(new String(records.get(1).bytes(), StandardCharsets.UTF_8)
                    .toLowerCase(Locale.ROOT)
                    .contains("checksum"));
        }

        @Test
        void anUnlabelledFolderHasEveryPictureAtAnyDepth() throws IOException {
            TestImages.writePicture(folder.resolve("2.png"), 4, 4, 1);
            TestImages.writePicture(folder.resolve("sub/1.jpg"), 4, 4, 1);
            ImageSource source = ImageSource.openUnlabelled(LocalSpark.context(), folder.toString(), "auto");
            assertEquals(List.of("2.png", "sub/1.jpg"), names(source));
            assertTrue(records(source, 1).stream().allMatch(image -> image.label() == -1));
            ImageSource one = ImageSource.openUnlabelled(
                    LocalSpark.context(), folder.resolve("2.png").toString(), "auto");
            assertEquals(List.of("2.png"), names(one));
            ImageSource some = ImageSource.openUnlabelled(LocalSpark.context(), folder + "/*.png", "auto");
            assertEquals(List.of("2.png"), names(some));
            TestImages.writePicture(folder.resolve("other/deep/3.png"), 4, 4, 1);
            ImageSource wide = ImageSource.openUnlabelled(LocalSpark.context(), folder + "/{sub/*.jpg,other}", "auto");
            assertEquals(List.of("sub/1.jpg", "other/deep/3.png"), names(wide));
        }

        @Test
        void missingEmptyOneClassAndFlatFoldersAreRefused() throws IOException {
            assertRefused(() -> open(folder.resolve("nowhere"), "auto"), "nowhere", "does not exist");
            assertRefused(
                    () -> open(folder, "auto"), folder.toString(), "is empty", "sub-folder of images for each class");
            TestImages.writePicture(folder.resolve("flat.png"), 4, 4, 1);
            assertRefused(() -> open(folder, "auto"), "1 files and 0 sub-folders: flat.png");
            assertRefused(() -> open(folder, "folder"), "No class folders", "flat.png");
            Files.createDirectory(folder.resolve("cat"));
            assertRefused(() -> open(folder, "auto"), "Only one class folder", "cat", "at least two");
            Files.createDirectory(folder.resolve("dog"));
            assertRefused(() -> open(folder, "auto"), "2 class folders", "hold no files");
        }
    }

    @Nested
    class Idx {
        private final byte[] pixels = new byte[6 * 2 * 3];
        private final byte[] labels = {2, 0, 1, 2, 0, 1};

        Idx() {
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (byte) (i * 7);
            }
        }

        private void write(String images, String labelsName, boolean zipped) throws IOException {
            byte[] imagesFile = TestImages.idx(pixels, 6, 2, 3);
            byte[] labelsFile = TestImages.idx(labels, 6);
            TestImages.write(folder.resolve(images), zipped ? TestImages.gzip(imagesFile) : imagesFile);
            TestImages.write(folder.resolve(labelsName), zipped ? TestImages.gzip(labelsFile) : labelsFile);
        }

        @ParameterizedTest
        @CsvSource({
            "train-images-idx3-ubyte, train-labels-idx1-ubyte, false",
            "train-images-idx3-ubyte.gz, train-labels-idx1-ubyte.gz, true",
            "t10k-images.idx3-ubyte, t10k-labels.idx1-ubyte, false",
            "emnist-digits-test-images-idx3-ubyte.gz, emnist-digits-test-labels-idx1-ubyte, false"
        })
        void imagesAndLabelsAreReadZippedOrNotWhateverThePartitions(String images, String labelsName, boolean zipped)
                throws IOException {
            write(images, labelsName, zipped);
            for (Path path : List.of(folder, folder.resolve(images))) {
                ImageSource source = open(path, "auto");
                assertEquals("idx", source.format());
                assertEquals(List.of("0", "1", "2"), source.classes());
                for (int partitions : new int[] {1, 2, 4, 6, 50}) {
                    List<ImageRecord> records = records(source, partitions);
                    assertEquals(6, records.size());
                    for (int i = 0; i < 6; i++) {
                        ImageRecord image = records.get(i);
                        assertEquals(images.replace(".gz", "") + "#" + i, image.name());
                        assertEquals(labels[i], image.label());
                        assertEquals(ImageRecord.Encoding.RAW_INTERLEAVED, image.encoding());
                        assertEquals(2, image.height());
                        assertEquals(3, image.width());
                        assertEquals(1, image.channels());
                        assertArrayEquals(Arrays.copyOfRange(pixels, i * 6, i * 6 + 6), image.bytes());
                    }
                }
            }
        }

        @Test
        void fourDimensionsAreColour() throws IOException {
            TestImages.write(folder.resolve("train-images-idx4-ubyte"), TestImages.idx(pixels, 3, 2, 2, 3));
            TestImages.write(folder.resolve("train-labels-idx1-ubyte"), TestImages.idx(new byte[] {0, 1, 1}, 3));
            List<ImageRecord> records = records(open(folder, "auto"), 2);
            assertEquals(3, records.get(2).channels());
            assertArrayEquals(Arrays.copyOfRange(pixels, 24, 36), records.get(2).bytes());
        }

        @Test
        void aFileBesideThemNamesTheClasses() throws IOException {
            write("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false);
            Files.writeString(folder.resolve("classes.txt"), "shirt\ntrouser\nankle boot\n\n");
            assertEquals(
                    List.of("shirt", "trouser", "ankle boot"),
                    open(folder, "idx").classes());
            Files.writeString(folder.resolve("classes.txt"), "shirt\ntrouser\n");
            assertRefused(() -> open(folder, "idx"), "Image 0", "label 2", "classes.txt", "names 2 classes");
            Files.writeString(folder.resolve("classes.txt"), "shirt\ntrouser\nshirt\n");
            assertRefused(() -> open(folder, "idx"), "classes.txt", "twice");
        }

        @Test
        void unlabelledImagesNeedNoLabelsFile() throws IOException {
            TestImages.write(folder.resolve("some-images-idx3-ubyte"), TestImages.idx(pixels, 6, 2, 3));
            assertRefused(() -> open(folder, "auto"), "No labels beside", "some-labels-idx1-ubyte.gz");
            ImageSource source = ImageSource.openUnlabelled(LocalSpark.context(), folder.toString(), "auto");
            assertEquals(6, records(source, 4).size());
            assertEquals(-1, records(source, 4).get(5).label());
        }

        @Test
        void aFolderWithTrainingAndTestFilesMustBeNamedMoreExactly() throws IOException {
            write("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false);
            write("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", true);
            assertRefused(
                    () -> open(folder, "auto"),
                    "2 IDX images files",
                    "t10k-images-idx3-ubyte.gz",
                    "Name the one to use");
            assertEquals(
                    6,
                    records(open(folder.resolve("t10k-images-idx3-ubyte.gz"), "auto"), 2)
                            .size());
            assertRefused(
                    () -> ImageSource.open(LocalSpark.context(), folder + "/*-images-*", "idx"), "2 IDX images files");
        }

        @Test
        void imagesUnderAnUnusualNameAreKnownByTheirFirstBytesAndAskForAName() throws IOException {
            TestImages.write(folder.resolve("digits"), TestImages.idx(pixels, 6, 2, 3));
            assertRefused(() -> open(folder.resolve("digits"), "auto"), "no 'images' in its name");
            assertRefused(() -> open(folder, "idx"), "No IDX images file", "digits");
        }

        @Test
        void damagedFilesAreRefusedWithTheirDefect() throws IOException {
            Path images = folder.resolve("train-images-idx3-ubyte");
            TestImages.write(folder.resolve("train-labels-idx1-ubyte"), TestImages.idx(labels, 6));
            byte[] whole = TestImages.idx(pixels, 6, 2, 3);

            Files.write(images, Arrays.copyOf(whole, whole.length - 1));
            assertRefused(() -> open(images, "idx"), "promises 6 x 2 x 3 = 36 values, but 35 follow");
            Files.write(images, Arrays.copyOf(whole, whole.length + 1));
            assertRefused(() -> open(images, "idx"), "36 values, but 37 follow");
            Files.write(images, Arrays.copyOf(whole, 7));
            assertRefused(() -> open(images, "idx"), "ends too early");
            Files.write(images, new byte[] {0, 0, 0x0D, 3, 0, 0, 0, 1});
            assertRefused(() -> open(images, "idx"), "magic number is 0x00000D03", "0x00000803");
            Files.write(images, TestImages.idx(new byte[0], 0, 28, 28));
            assertRefused(() -> open(images, "idx"), "0 x 28 x 28", "expected images");
            Files.write(images, TestImages.idx(labels, 6));
            assertRefused(() -> open(images, "idx"), "expected images");
            Files.write(images, TestImages.idx(pixels, -6, 2, 3));
            assertRefused(() -> open(images, "idx"), "dimension 0", "-6");
            Files.write(images, TestImages.idx(pixels, 4, 3, 3));
            assertRefused(() -> open(images, "idx"), "4 images", "6 labels", "do not belong together");
        }

        @Test
        void damagedGzipIsRefusedWithItsDefect() throws IOException {
            Path images = folder.resolve("train-images-idx3-ubyte.gz");
            TestImages.write(folder.resolve("train-labels-idx1-ubyte"), TestImages.idx(labels, 6));
            byte[] whole = TestImages.gzip(TestImages.idx(pixels, 6, 2, 3));

            Files.write(images, Arrays.copyOf(whole, whole.length / 2));
            assertRefused(() -> open(images, "idx"), "train-images-idx3-ubyte.gz", "ends too early");
            byte[] flipped = whole.clone();
            flipped[whole.length - 6] ^= 1; // within the stored CRC
            Files.write(images, flipped);
            assertRefused(() -> open(images, "idx"), "gzip data is damaged", "trailer");
            Files.write(images, TestImages.gzip(TestImages.idx(pixels, 7, 2, 3)));
            assertRefused(() -> open(images, "idx"), "7 x 2 x 3 = 42 values, but 36 follow");
        }

        @Test
        void aFileCutAfterItWasOpenedStopsTheJobWithAnInputException() throws IOException {
            write("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false);
            ImageSource source = open(folder, "idx");
            Path images = folder.resolve("train-images-idx3-ubyte");
            Files.write(images, Arrays.copyOf(Files.readAllBytes(images), 30));
            Exception thrown = assertThrows(Exception.class, () -> records(source, 2));
            String message = InputException.within(thrown).orElseThrow().getMessage();
            assertTrue(message.contains("train-images-idx3-ubyte") && message.contains("could not be read"), message);
        }
    }

    @Nested
    class Cifar {
        private byte[] batch(int labelBytes, int first, int images, int classes) {
            int length = labelBytes + 3072;
            byte[] file = new byte[images * length];
            for (int i = 0; i < images; i++) {
                Arrays.fill(file, i * length, (i + 1) * length, (byte) (first + i));
                file[i * length] = (byte) 77; // CIFAR-100's coarse label; CIFAR-10's only label follows
                file[i * length + labelBytes - 1] = (byte) ((first + i) % classes);
            }
            return file;
        }

        @Test
        void binaryBatchesOfCifar10() throws IOException {
            for (int b = 1; b <= 3; b++) {
                TestImages.write(folder.resolve("data_batch_" + b + ".bin"), batch(1, 5 * b, 5, 10));
            }
            ImageSource source = open(folder, "auto");
            assertEquals("cifar10", source.format());
            assertEquals(List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), source.classes());
            for (int partitions : new int[] {1, 4, 100}) {
                List<ImageRecord> records = records(source, partitions);
                assertEquals(15, records.size());
                assertEquals("data_batch_2.bin#1", records.get(6).name());
                assertEquals(11 % 10, records.get(6).label());
                assertEquals(ImageRecord.Encoding.RAW_PLANAR, records.get(6).encoding());
                assertEquals(3072, records.get(6).bytes().length);
                assertEquals(11, records.get(6).bytes()[3071]);
                assertEquals(11, records.get(6).bytes()[0]);
            }
        }

        @Test
        void cifar100HasTheFineLabels() throws IOException {
            TestImages.write(folder.resolve("train.bin"), batch(2, 40, 12, 100));
            String names = IntStream.range(0, 100).mapToObj(c -> "class " + c).collect(Collectors.joining("\n"));
            Files.writeString(folder.resolve("fine_label_names.txt"), names);
            ImageSource source = open(folder, "auto");
            assertEquals("cifar100", source.format());
            assertEquals("class 99", source.classes().get(99));
            List<ImageRecord> records = records(source, 3);
            assertEquals(51, records.get(11).label());
            assertEquals(51, records.get(11).bytes()[0]);
        }

        @Test
        void trainingAndTestFilesInOneFolderMustBeNamed() throws IOException {
            TestImages.write(folder.resolve("data_batch_1.bin"), batch(1, 0, 2, 10));
            TestImages.write(folder.resolve("data_batch_2.bin"), batch(1, 2, 2, 10));
            TestImages.write(folder.resolve("test_batch.bin"), batch(1, 0, 3, 10));
            Files.writeString(
                    folder.resolve("batches.meta.txt"),
                    "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n");
            assertRefused(() -> open(folder, "auto"), "training and test files", "data_batch_*.bin", "test_batch.bin");
            assertEquals(
                    3, names(open(folder.resolve("test_batch.bin"), "auto")).size());
            ImageSource training = open(Path.of(folder + "/data_batch_*.bin"), "auto");
            assertEquals(4, names(training).size());
            assertEquals("truck", training.classes().get(9));
        }

        @Test
        void damagedFilesAreRefusedWithTheirDefect() throws IOException {
            Path file = TestImages.write(folder.resolve("test_batch.bin"), new byte[3073 + 5]);
            assertRefused(() -> open(folder, "auto"), "test_batch.bin", "3078 bytes", "multiple of 3073");
            Files.write(file, batch(1, 9, 2, 256));
            Exception thrown = assertThrows(Exception.class, () -> names(open(folder, "auto")));
            assertTrue(InputException.within(thrown).orElseThrow().getMessage().contains("label 10, expected 0 to 9"));
            Files.writeString(folder.resolve("batches.meta.txt"), "one\ntwo\n");
            assertRefused(() -> open(folder, "auto"), "batches.meta.txt", "2 classes, expected 10");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cifar", "tfrecord", ""})
    void unknownFormatsAreRefusedWithTheKnownOnes(String format) {
        assertRefused(() -> open(folder, format), "'" + format + "'", "auto, folder, idx, cifar10, cifar100");
    }

    @Test
    void pathsOnUnknownFileSystemsAreRefused() {
        assertRefused(
                () -> ImageSource.open(LocalSpark.context(), "nosuch://host/images", "auto"),
                "nosuch://host/images",
                "cannot be read");
    }
}
