package org.starling.jobs;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.model.LayerTable;
import org.starling.model.SequentialModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code starling describe MODEL [key=value ...]}. */
@Command(
        name = "describe",
        description =
                "Shows a model's layers: output shape, kernel, parameters, multiply-adds, and the memory of a replica.",
        footerHeading = "%nExample:%n",
        footer = "  starling describe conf/models/alexnet.json training.batch=128")
final class DescribeCommand extends Job {
    @Parameters(index = "0", paramLabel = "MODEL", description = "Keras Sequential JSON on any Hadoop path.")
    private String file;

    @Parameters(
            index = "1..*",
            paramLabel = "key=value",
            description = "model.dataFormat, model.convolutionRemainder and training.batch, as in a training file.")
    private List<String> assignments = new ArrayList<>();

    DescribeCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        TrainingFile settings = TrainingFile.ofModel(assignments, hadoop());
        SequentialModel model = SequentialModel.read(new Path(file), hadoop(), settings.modelOptions());
        // One replica here would have all of them.
        int threads = Runtime.getRuntime().availableProcessors();
        out().print(new LayerTable(model, settings.batch(), threads).text());
        return ExitCode.OK;
    }
}
