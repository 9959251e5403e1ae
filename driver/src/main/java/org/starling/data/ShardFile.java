package org.starling.data;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroupFactory;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.hadoop.util.HadoopOutputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;
import org.starling.InputException;

/** A shard of a prepared set: a Parquet file with a row an image. Its row groups are the blocks that are read at a time. */
final class ShardFile {
    private static final MessageType SCHEMA = MessageTypeParser.parseMessageType(
            """
            message image {
              required binary path (STRING);
              required int32 label;
              required int32 height;
              required int32 width;
              required int32 channels;
              required binary encoding (STRING);
              required binary bytes;
              required int32 crc32c;
            }
            """);

    private static final MessageType NAMES = MessageTypeParser.parseMessageType(
            """
            message image {
              required binary path (STRING);
              required int32 label;
            }
            """);

    private static final List<String> NUMBERS = List.of("label", "height", "width", "channels");

    /** Some hundred JPEG files with a short side of 256. */
    private static final int BLOCK = 4 << 20;

    private ShardFile() {}

    /** Writes images, one after the other. */
    static final class Writer implements Closeable {
        private final SimpleGroupFactory rows = new SimpleGroupFactory(SCHEMA);
        private final ParquetWriter<Group> file;

        /** @param path where nothing is, or what is there may go */
        Writer(Path path, Configuration configuration) throws IOException {
            file = ExampleParquetWriter.builder(HadoopOutputFile.fromPath(path, configuration))
                    .withType(SCHEMA)
                    .withConf(configuration)
                    .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
                    // Of the first version's two encodings a column the footer names now one and now the other first.
                    .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
                    // Images are compressed already.
                    .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                    .withDictionaryEncoding(false)
                    .withRowGroupSize((long) BLOCK)
                    .withMinRowCountForPageSizeCheck(1)
                    .build();
        }

        void write(ImageEncoder.Stored image) throws IOException {
            ImageRecord record = image.record();
            boolean raw = record.encoding() != ImageRecord.Encoding.FILE;
            Group row = rows.newGroup()
                    .append("path", record.name())
                    .append("label", record.label())
                    .append("height", raw ? record.height() : image.pixels().height())
                    .append("width", raw ? record.width() : image.pixels().width())
                    .append("channels", raw ? record.channels() : image.pixels().channels())
                    .append("encoding", record.encoding().name())
                    .append("bytes", Binary.fromConstantByteArray(record.bytes()));
            row.add("crc32c", checksum(row));
            file.write(row);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private static ParquetFileReader open(Path path, Configuration configuration) throws IOException {
        return ParquetFileReader.open(HadoopInputFile.fromPath(path, configuration));
    }

    /**
     * Reads one row group.
     *
     * @param number of the row group
     * @throws InputException when the file is damaged
     */
    static List<ImageRecord> readBlock(Path path, Configuration configuration, int number) throws IOException {
        return read(path, configuration, number, SCHEMA, row -> image(path, row));
    }

    /** Names and labels alone, of which no checksum is looked at. */
    static List<ImageSource.ImageName> readNames(Path path, Configuration configuration, int number)
            throws IOException {
        return read(
                path,
                configuration,
                number,
                NAMES,
                row -> new ImageSource.ImageName(row.getString("path", 0), row.getInteger("label", 0)));
    }

    /** @param columns that are read */
    private static <T> List<T> read(
            Path path, Configuration configuration, int number, MessageType columns, Function<Group, T> row)
            throws IOException {
        List<T> images = new ArrayList<>();
        try (ParquetFileReader file = open(path, configuration)) {
            file.setRequestedSchema(columns);
            int groups = file.getRowGroups().size();
            if (number >= groups) {
                throw damaged(path, "it has " + groups + " row groups, and the manifest says more");
            }
            PageReadStore pages = file.readRowGroup(number);
            RecordReader<Group> rows = new ColumnIOFactory()
                    .getColumnIO(columns)
                    .getRecordReader(pages, new GroupRecordConverter(columns));
            for (long i = 0; i < pages.getRowCount(); i++) {
                images.add(row.apply(rows.read()));
            }
        }
        return images;
    }

    private static ImageRecord image(Path path, Group row) {
        String name = row.getString("path", 0);
        if (checksum(row) != row.getInteger("crc32c", 0)) {
            throw damaged(path, "the row of " + name + " has another CRC32C");
        }
        ImageRecord.Encoding encoding = ImageRecord.Encoding.valueOf(row.getString("encoding", 0));
        boolean raw = encoding != ImageRecord.Encoding.FILE;
        return new ImageRecord(
                name,
                row.getInteger("label", 0),
                encoding,
                raw ? row.getInteger("height", 0) : 0,
                raw ? row.getInteger("width", 0) : 0,
                raw ? row.getInteger("channels", 0) : 0,
                row.getBinary("bytes", 0).getBytesUnsafe());
    }

    /** Of all that a row has besides. */
    private static int checksum(Group row) {
        CRC32C checksum = new CRC32C();
        for (String text : List.of("path", "encoding", "bytes")) {
            checksum.update(row.getBinary(text, 0).getBytesUnsafe());
        }
        ByteBuffer numbers = ByteBuffer.allocate(NUMBERS.size() * Integer.BYTES);
        NUMBERS.forEach(name -> numbers.putInt(row.getInteger(name, 0)));
        checksum.update(numbers.array());
        return (int) checksum.getValue();
    }

    /** Describes a file that is complete. */
    static PreparedSet.Shard describe(FileSystem fs, Path file, String name) throws IOException {
        CRC32C checksum = new CRC32C();
        long length;
        try (InputStream in = new CheckedInputStream(fs.open(file), checksum)) {
            length = in.transferTo(OutputStream.nullOutputStream());
        }
        try (ParquetFileReader footer = open(file, fs.getConf())) {
            List<Integer> blocks = footer.getRowGroups().stream()
                    .map(group -> Math.toIntExact(group.getRowCount()))
                    .toList();
            int images = blocks.stream().mapToInt(Integer::intValue).sum();
            return new PreparedSet.Shard(name, images, length, checksum.getValue(), blocks);
        }
    }

    static InputException damaged(Path file, String defect) {
        return new InputException(
                "The shard " + file + " is damaged: " + defect + ". Prepare the set again, into another folder.");
    }
}
