package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.model.KerasText.FLATTEN;
import static org.starling.model.KerasText.HEAD;
import static org.starling.model.KerasText.assertRefused;
import static org.starling.model.KerasText.json;
import static org.starling.model.KerasText.layer;
import static org.starling.model.KerasText.model;
import static org.starling.model.KerasText.parse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;

/** The forms of a model file, and what is no model file. */
class KerasFileTest {
    private static final String LAYERS = FLATTEN + "," + HEAD;

    @Test
    void inputShapeStandsInTheInputLayerTheFirstLayerOrTheModel() {
        String[] forms = {
            model("4,5,3", FLATTEN, HEAD),
            json("{'class_name':'Sequential','config':{'layers':[")
                    + layer("Flatten", "flatten", "'batch_input_shape':[null,4,5,3]") + "," + HEAD + "]}}",
            json("{'class_name':'Sequential','config':{'layers':[")
                    + layer("InputLayer", "in", "'batch_shape':[null,4,5,3],'sparse':false") + "," + LAYERS + "]}}",
            json("{'class_name':'Sequential','config':{'build_input_shape':[null,4,5,3],'layers':[") + LAYERS + "]}}",
            json("{'class_name':'Sequential','config':[")
                    + layer("Flatten", "flatten", "'batch_input_shape':[32,4,5,3]") + "," + HEAD + "]}"
        };
        for (String form : forms) {
            assertEquals(
                    new ImageShape(4, 5, 3, DataFormat.CHANNELS_LAST),
                    parse(form).input(),
                    form);
        }
    }

    @Test
    void textInAJsonStringAndAByteOrderMarkAreRead() {
        String text = model("4,5,3", FLATTEN, HEAD);
        assertEquals("small", parse("\uFEFF" + text).name());
        assertEquals("small", parse("\"" + text.replace("\"", "\\\"") + "\"").name());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[null,28,28]", "[null,null,null,3]", "[null,0,5,3]", "[null,4,5,3,1]", "[null,4,5,2.5]", "[]"})
    void otherInputShapesAreRefused(String shape) {
        assertRefused(
                json("{'class_name':'Sequential','config':{'build_input_shape':" + shape + ",'layers':[") + LAYERS
                        + "]}}",
                "the input shape " + shape,
                "[null, height, width, channels]");
    }

    @Test
    void imagesHaveOneOrThreeChannelsAndFitAnArray() {
        assertRefused(model("4,5,2", FLATTEN, HEAD), "2 channels in channels_last order", "data_format");
        assertRefused(model("60000,60000,1", FLATTEN, HEAD), "input shape [60000, 60000, 1] is too large");
        assertRefused(
                model("3,28,28", layer("MaxPooling2D", "pool", "'data_format':'channels_last'"), FLATTEN, HEAD),
                "28 channels");
    }

    @Test
    void aModelWithoutInputShapeIsRefused() {
        assertRefused(
                json("{'class_name':'Sequential','config':{'layers':[") + LAYERS + "]}}",
                "no input shape",
                "keras.Input");
    }

    @Test
    void otherKindsOfModelsAreRefusedByName() {
        assertRefused(json("{'class_name':'Functional','config':{}}"), "is a Functional model");
        assertRefused("{}", "not a Keras model");
        assertRefused("[1]", "not a Keras model");
        assertRefused(json("{'class_name':'Sequential','config':{'layers':[]}}"), "no layers");
        assertRefused(model("4,5,3", FLATTEN, layer("InputLayer", "late", ""), HEAD), "\"late\"", "one input");
    }

    @Test
    void brokenJsonIsRefusedWithItsPlace() {
        assertRefused("{\n  \"class_name\": ", "not valid JSON at line 2");
        assertRefused("", "not a Keras model");
        assertRefused("PK\u0003\u0004", "not valid JSON at line 1, column ");
        assertRefused(model("4,5,3", FLATTEN, HEAD) + "}", "not valid JSON");
        assertRefused(model("4,5,3", FLATTEN, layer("Dense", "d", "'units':3,'units':4")), "not valid JSON", "units");
    }

    @Test
    void anUnknownLayerIsRefusedWithTheListOfThoseSupported() {
        assertRefused(
                model("4,5,3", layer("SeparableConv2D", "sep", "'filters':2"), FLATTEN, HEAD),
                "layer \"sep\" (SeparableConv2D): this layer is not supported",
                "InputLayer, Conv2D, MaxPooling2D");
        assertRefused(model("4,5,3", layer("Sequential", "inner", "'layers':[]"), HEAD), "\"inner\" (Sequential)");
    }

    @Test
    void aCustomClassWithAKnownNameIsNotTakenForKerasOwn() {
        String custom =
                json("{'module':'mine','class_name':'Flatten','registered_name':'Mine>Flatten','config':{'name':'f'}}");
        assertRefused(model("4,5,3", custom, HEAD), "(mine.Flatten)", "not supported");
        String unregistered = json("{'module':'__main__','class_name':'Flatten','config':{'name':'f'}}");
        assertRefused(model("4,5,3", unregistered, HEAD), "(__main__.Flatten)");
    }

    /** Keras 2 and Keras 3 write the registered name in different places; the forms follow Keras's documentation. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'class_name':'Starling>LocalResponseNormalization','config':{'name':'norm','n':3}}",
                "{'module':null,'class_name':'LocalResponseNormalization','registered_name':'Starling>LocalResponseNormalization','config':{'name':'norm','n':3}}",
                "{'module':'starling','class_name':'LocalResponseNormalization','registered_name':'Starling>LocalResponseNormalization','config':{'name':'norm','n':3,'dtype':{'module':'keras','class_name':'DTypePolicy','config':{'name':'float32'}}}}"
            })
    void theRegisteredLayerIsReadInEveryForm(String norm) {
        SequentialModel model = parse(model("4,5,3", json(norm), FLATTEN, HEAD));
        assertEquals("LocalResponseNormalization", model.layers().get(0).type());
    }

    @Test
    void twoLayersOfOneNameAreRefused() {
        assertRefused(model("4,5,3", FLATTEN, HEAD, HEAD), "two layers are named \"head\"");
    }

    @Test
    void otherDtypesOfTheModelAreRefusedByName() {
        assertRefused(
                json(
                                "{'class_name':'Sequential','config':{'dtype':{'class_name':'DTypePolicy','config':{'name':'bfloat16'}},")
                        + json("'build_input_shape':[null,4,5,3],'layers':[") + LAYERS + "]}}",
                "the model has dtype bfloat16",
                "Only float32");
        assertRefused(model("4,5,3", FLATTEN, layer("Dense", "d", "'units':3,'dtype':'float64'")), "\"d\"", "float64");
    }

    @Test
    void aFileIsReadThroughHadoopAndAMissingOneIsNamed(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("m.json");
        Files.writeString(file, model("4,5,3", FLATTEN, HEAD));
        Configuration hadoop = new Configuration(false);
        SequentialModel model =
                SequentialModel.read(new org.apache.hadoop.fs.Path(file.toUri()), hadoop, ModelOptions.DEFAULT);
        assertEquals(Files.readString(file), model.json());
        assertTrue(model.source().endsWith("m.json"));
        var missing = new org.apache.hadoop.fs.Path(folder.resolve("none.json").toUri());
        String message = assertThrows(
                        InputException.class, () -> SequentialModel.read(missing, hadoop, ModelOptions.DEFAULT))
                .getMessage();
        assertTrue(message.contains("none.json: there is no such model file"), message);
        var directory = new org.apache.hadoop.fs.Path(folder.toUri());
        assertThrows(InputException.class, () -> SequentialModel.read(directory, hadoop, ModelOptions.DEFAULT));
    }

    @Test
    void aModelSurvivesJavaSerialization() throws Exception {
        SequentialModel model = parse(model("4,5,3", FLATTEN, HEAD));
        var bytes = new java.io.ByteArrayOutputStream();
        try (var out = new java.io.ObjectOutputStream(bytes)) {
            out.writeObject(model);
        }
        try (var in = new java.io.ObjectInputStream(new java.io.ByteArrayInputStream(bytes.toByteArray()))) {
            SequentialModel copy = (SequentialModel) in.readObject();
            assertEquals(model.parameters(), copy.parameters());
            assertEquals(model.toDl4j(1), copy.toDl4j(1));
        }
    }
}
