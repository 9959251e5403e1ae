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
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;

/** Images in Parquet as Hugging Face's data sets have them, and in Hadoop's SequenceFiles. */
class ParquetAndSequenceFileTest {
    /** As the library datasets writes it. */
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType(
            """
            message schema {
              optional group image {
                optional binary bytes;
                optional binary path (STRING);
              }
              optional int64 label;
            }
            """);

    private static final String NAMES =
            """
            {"info": {"features": {"image": {"_type": "Image"}, "label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}}}""";

    @TempDir
    Path folder;

    private final JavaSparkContext spark = LocalSpark.context();

    /**
     * @param metadata null for none
     * @param labels of the rows, whose images are their numbers; null for a row without
     */
    private void parquet(String name, MessageType schema, String metadata, Integer... labels) throws IOException {
        SimpleGroupFactory rows = new SimpleGroupFactory(schema);
        Files.createDirectories(folder.resolve(name).getParent());
        org.apache.hadoop.fs.Path file =
                new org.apache.hadoop.fs.Path(folder.resolve(name).toUri());
        try (ParquetWriter<Group> writer = ExampleParquetWriter.builder(
                        HadoopOutputFile.fromPath(file, new Configuration()))
                .withType(schema)
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .withExtraMetaData(metadata == null ? Map.of() : Map.of("huggingface", metadata))
                .withRowGroupSize(64L)
                .withMinRowCountForPageSizeCheck(1)
                .build()) {
            for (int i = 0; i < labels.length; i++) {
                Group row = rows.newGroup();
                if (schema.containsField("image")) {
                    Group image = row.addGroup("image");
                    if (i != 3) {
                        image.append("bytes", Binary.fromString("image " + i));
                    }
                    image.append("path", "same.jpg");
                }
                if (labels[i] != null && schema.containsField("label")) {
                    row.append("label", (long) labels[i]);
                }
                writer.write(row);
            }
        }
    }

    private ImageSource open(String path) {
        return ImageSource.open(spark, folder.resolve(path).toString(), "auto");
    }

    private static void assertRefused(Runnable action, String... parts) {
        Exception thrown = assertThrows(Exception.class, action::run);
        String message = InputException.within(thrown).orElseThrow().getMessage();
        for (String part : parts) {
            assertTrue(message.contains(part), "'" + part + "' is missing in: " + message);
        }
    }

    @Test
    void rowsOfParquetFilesAreImages() throws IOException {
        parquet("set/train-00000-of-00002.parquet", SCHEMA, NAMES, 1, 0, 0, 1, 1);
        parquet("set/train-00001-of-00002.parquet", SCHEMA, NAMES, 0);
        ImageSource source = open("set");
        assertEquals("parquet", source.format());
        assertEquals(List.of("cat", "dog"), source.classes());
        assertTrue(source.namesClasses());
        List<ImageRecord> images = source.records(spark, 3).collect();
        assertEquals(
                List.of(1, 0, 0, 1, 1, 0),
                images.stream().map(ImageRecord::label).toList());
        assertEquals(
                List.of(
                        "train-00000-of-00002.parquet#0",
                        "train-00000-of-00002.parquet#1",
                        "train-00000-of-00002.parquet#2",
                        "train-00000-of-00002.parquet#3",
                        "train-00000-of-00002.parquet#4",
                        "train-00001-of-00002.parquet#0"),
                images.stream().map(ImageRecord::name).toList());
        assertArrayEquals("image 4".getBytes(), images.get(4).bytes());
        // A row without bytes is one bad image.
        assertEquals(ImageRecord.Encoding.UNREADABLE, images.get(3).encoding());
    }

    @Test
    void withoutNamesClassesAreNumbers() throws IOException {
        parquet("a.parquet", SCHEMA, null, 0, 2, 1);
        assertEquals(List.of("0", "1", "2"), open("a.parquet").classes());
        assertFalse(open("a.parquet").namesClasses());
        Files.writeString(folder.resolve("classes.txt"), "x\ny\nz\n");
        assertEquals(List.of("x", "y", "z"), open("a.parquet").classes());
    }

    @Test
    void whatIsNoSetOfImagesInParquetIsRefused() throws IOException {
        parquet("two/train-00000-of-00001.parquet", SCHEMA, NAMES, 0);
        parquet("two/test-00000-of-00001.parquet", SCHEMA, NAMES, 0);
        assertRefused(() -> open("two"), "several splits", "test, train");
        MessageType text = MessageTypeParser.parseMessageType("message schema { optional int64 label; }");
        parquet("text.parquet", text, null, 0);
        assertRefused(() -> open("text.parquet"), "has the columns label", "image");
        Files.writeString(folder.resolve("no.parquet"), "this is not Parquet, whatever its name says");
        assertRefused(() -> open("no.parquet"), "no.parquet cannot be read");
        parquet("none.parquet", SCHEMA, NAMES, 0, null);
        assertRefused(() -> open("none.parquet").records(spark, 1).collect(), "Row 1", "no label");
        parquet("minus.parquet", SCHEMA, NAMES, 0, -1);
        assertRefused(() -> open("minus.parquet").records(spark, 1).collect(), "Row 1", "-1");
        assertEquals(
                2,
                ImageSource.openUnlabelled(
                                spark, folder.resolve("minus.parquet").toString(), "auto")
                        .records(spark, 1)
                        .count());
    }

    private void sequenceFile(String name, List<? extends Writable> keys) throws IOException {
        Files.createDirectories(folder.resolve(name).getParent());
        try (SequenceFile.Writer writer = SequenceFile.createWriter(
                new Configuration(),
                SequenceFile.Writer.file(
                        new org.apache.hadoop.fs.Path(folder.resolve(name).toUri())),
                SequenceFile.Writer.keyClass(keys.get(0).getClass()),
                SequenceFile.Writer.valueClass(BytesWritable.class))) {
            for (int i = 0; i < keys.size(); i++) {
                writer.append(keys.get(i), new BytesWritable(("image " + i).getBytes()));
            }
        }
    }

    @Test
    void recordsOfSequenceFilesAreImages() throws IOException {
        sequenceFile("s/part-0", List.of(new Text("dog/1.jpg"), new Text("cat/x/2.jpg"), new Text("dog/1.jpg")));
        sequenceFile("s/part-1", List.of(new Text("eel/1.jpg")));
        Files.writeString(folder.resolve("s/_SUCCESS"), "");
        ImageSource source = open("s");
        assertEquals("sequencefile", source.format());
        assertEquals(List.of("cat", "dog", "eel"), source.classes());
        List<String> found = new ArrayList<>();
        for (ImageRecord image : source.records(spark, 2).collect()) {
            found.add(image.label() + " " + image.name() + " " + new String(image.bytes()));
        }
        assertEquals(
                List.of(
                        "1 part-0#0/dog/1.jpg image 0",
                        "0 part-0#1/cat/x/2.jpg image 1",
                        "1 part-0#2/dog/1.jpg image 2",
                        "2 part-1#0/eel/1.jpg image 0"),
                found);
    }

    @Test
    void keysThatAreNumbersAreLabels() throws IOException {
        sequenceFile("n/part-0", List.of(new IntWritable(2), new IntWritable(0)));
        ImageSource source = open("n/part-0");
        assertEquals(List.of("0", "1", "2"), source.classes());
        assertEquals(
                List.of(2, 0), source.records(spark, 1).map(ImageRecord::label).collect());
        assertEquals(
                List.of(-1, -1),
                ImageSource.openUnlabelled(spark, folder.resolve("n").toString(), "auto")
                        .records(spark, 1)
                        .map(ImageRecord::label)
                        .collect());
    }

    @Test
    void whatIsNoSequenceFileOfImagesIsRefused() throws IOException {
        sequenceFile("flat", List.of(new Text("1.jpg")));
        assertRefused(() -> open("flat"), "has the key '1.jpg'", "cat/1.jpg");
        sequenceFile("minus", List.of(new IntWritable(-3)));
        assertRefused(() -> open("minus"), "has the key -3");
        sequenceFile("mixed/a", List.of(new Text("dog/1.jpg")));
        sequenceFile("mixed/b", List.of(new IntWritable(1)));
        assertRefused(() -> open("mixed"), "keys of two kinds");
        byte[] whole = Files.readAllBytes(folder.resolve("mixed/a"));
        Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(whole, 40));
        assertRefused(() -> open("cut"), "cannot be read");
    }
}
