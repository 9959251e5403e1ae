package org.starling.jobs.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.jobs.configuration.Redaction;

/**
 * The runs of an ensemble's networks, each in a folder of its own below one directory, each a run like any other.
 *
 * @param directory of them all
 * @param networks how many there are
 */
public record EnsembleRuns(String directory, int networks) {
    /** What has become of a network. */
    public enum State {
        NOT_BEGUN,
        BEGUN,
        TRAINED
    }

    /** Folder of a network's run, numbered from 1; folders sort by their numbers. */
    public String run(int member) {
        String last = Integer.toString(networks);
        return directory + "/member-"
                + "0".repeat(last.length() - Integer.toString(member).length()) + member;
    }

    /** Settings of a network's training, which come after all others. */
    public List<String> settings(int member) {
        return List.of("run.member=" + member, "run.directory=" + run(member));
    }

    /** What has become of each network, in the order of their numbers. */
    public List<State> states(Configuration hadoop) throws IOException {
        List<State> states = new ArrayList<>();
        for (int member = 1; member <= networks; member++) {
            Path run = new Path(run(member));
            FileSystem fileSystem = run.getFileSystem(hadoop);
            boolean begun = fileSystem.exists(run) && fileSystem.listStatus(run).length > 0;
            states.add(!begun ? State.NOT_BEGUN : ModelFile.isInRun(run, hadoop) ? State.TRAINED : State.BEGUN);
        }
        return states;
    }

    /** @throws InputException when the directory holds anything */
    public void requireFresh(Configuration hadoop) throws IOException {
        Path path = new Path(directory);
        FileSystem fileSystem = path.getFileSystem(hadoop);
        if (fileSystem.exists(path)
                && (fileSystem.getFileStatus(path).isFile() || fileSystem.listStatus(path).length > 0)) {
            String shown = Redaction.ofUri(directory);
            throw new InputException(
                    "%s exists already; nothing in it was changed. Choose another with run.directory=PATH, or go on with the ensemble in it: --resume %s --ensemble %d"
                            .formatted(shown, shown, networks));
        }
    }
}
