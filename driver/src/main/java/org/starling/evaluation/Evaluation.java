package org.starling.evaluation;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.data.BadImage;

/**
 * What an evaluation found.
 *
 * @param classifier the models; of several the predictions were averaged
 * @param data path of the image set
 * @param labels class names, by output
 * @param result counts over the images that could be read
 * @param members what each network of an ensemble does for it; empty for one model alone
 * @param badImages the others
 * @param mistakes the mistakes made with the greatest confidence
 * @param seconds duration
 */
public record Evaluation(
        Classifier classifier,
        String data,
        List<String> labels,
        EvaluationResult result,
        List<MemberResult> members,
        List<BadImage> badImages,
        List<Mistake> mistakes,
        double seconds) {

    /** Name of the file that {@link #write} makes. */
    public static final String FILE = "evaluation.json";

    /** Of classes that are named as confused. */
    private static final int PAIRS = 20;

    /** As a JSON object; what is not defined, such as the precision of a class that is never predicted, is null. */
    public byte[] toJson() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("models", classifier.models());
        json.put("views", classifier.views().name().toLowerCase(Locale.ROOT));
        if (!members.isEmpty()) {
            json.put("average", classifier.average().mean().name().toLowerCase(Locale.ROOT));
            json.put("members", members.stream().map(Evaluation::member).toList());
        }
        json.put("data", data);
        json.put("images", result.images());
        json.put("top1", number(result.top1Accuracy()));
        json.put("top5", number(result.top5Accuracy()));
        json.put("loss", number(result.loss()));
        json.put("calibration", calibration());
        json.put("seconds", seconds);
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int c = 0; c < labels.size(); c++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("class", labels.get(c));
            row.put("images", result.actual(c));
            row.put("precision", number(result.precision(c)));
            row.put("recall", number(result.recall(c)));
            row.put("f1", number(result.f1(c)));
            classes.add(row);
        }
        json.put("classes", classes);
        json.put("confusion", result.confusion());
        json.put(
                "mostConfused",
                result.confusions().limit(PAIRS).map(this::confusion).toList());
        json.put("mistakes", mistakes.stream().map(this::mistake).toList());
        json.put("badImages", badImages);
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(json);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> member(MemberResult member) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("model", member.model());
        row.put("weight", member.weight());
        row.putAll(score(member.alone()));
        row.put("without", member.without() == null ? null : score(member.without()));
        return row;
    }

    private static Map<String, Object> score(Score score) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("top1", number(score.top1Accuracy()));
        row.put("top5", number(score.top5Accuracy()));
        row.put("loss", number(score.loss()));
        return row;
    }

    private Map<String, Object> calibration() {
        Calibration calibration = result.calibration();
        List<Map<String, Object>> bins = new ArrayList<>();
        for (int bin = 0; bin < Calibration.BINS; bin++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("images", calibration.images()[bin]);
            row.put("accuracy", number(calibration.accuracy(bin)));
            row.put("confidence", number(calibration.confidence(bin)));
            bins.add(row);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("expectedError", number(calibration.expectedError()));
        json.put("bins", bins);
        return json;
    }

    private Map<String, Object> confusion(EvaluationResult.Confusion confusion) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("actual", labels.get(confusion.actual()));
        row.put("predicted", labels.get(confusion.predicted()));
        row.put("images", confusion.images());
        return row;
    }

    private Map<String, Object> mistake(Mistake mistake) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("name", mistake.name());
        row.put("actual", labels.get(mistake.actual()));
        row.put("predicted", labels.get(mistake.predicted()));
        row.put("probability", number(mistake.probability()));
        return row;
    }

    private static Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /**
     * Refuses a folder that holds an evaluation.
     *
     * @throws InputException when it does
     */
    public static void requireAbsent(Path folder, Configuration configuration) throws IOException {
        Path file = new Path(folder, FILE);
        if (file.getFileSystem(configuration).exists(file)) {
            throw exists(file);
        }
    }

    private static InputException exists(Path file) {
        return new InputException(file + ": exists already, and is not overwritten. Name another folder.");
    }

    /**
     * Writes {@value #FILE}.
     *
     * @param folder is made where it does not exist
     * @return the file
     * @throws InputException when the folder holds an evaluation already
     */
    public Path write(Path folder, Configuration configuration) throws IOException {
        Path file = new Path(folder, FILE);
        try (OutputStream out = file.getFileSystem(configuration).create(file, false)) {
            out.write(toJson());
        } catch (FileAlreadyExistsException e) {
            throw exists(file);
        }
        return file;
    }

    /** For a terminal: rates, classes and confusion; of many classes the worst. */
    public String text() {
        return new EvaluationText(this).toString();
    }
}
