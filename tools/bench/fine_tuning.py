#!/usr/bin/env python3
"""What a pretrained network is worth where images are few: alexnet-small on Fashion-MNIST.

    python3 tools/bench/fine_tuning.py --data /usr/share/datasets/fashion-mnist --out runs/fine-tuning

A network is trained on all training images of classes 0 to 6. Then 50 images each of classes 7 to 9 are learnt, by a new network and by the trained
one with a new last layer, for each of several numbers of epochs. Both have the same images, epochs, batch and schedule; for each number of epochs each
has its learning rate chosen from the same grid by its mean accuracy on 300 held-out training images a class, over two draws of the 50 images. It is
then trained with other draws, a seed each, and measured on all test images of classes 7 to 9, which choose nothing.

Each run's result is a file under OUT/results, so the same command goes on where it stopped. OUT/table.md has the table, OUT/logs what bin/starling
printed. Only Python's standard library is used.
"""

import argparse
import datetime
import gzip
import json
import pathlib
import random
import shutil
import statistics
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODEL = ROOT / "conf/models/alexnet-small.json"
FILES = {"train": ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
         "test": ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")}
FIRST, SECOND = range(0, 7), range(7, 10)
IMAGES, HELD_OUT = 50, 300
GRID = (0.002, 0.005, 0.0125, 0.03)
# Apart from those that are measured.
TUNING_SEEDS = (101, 102)
BATCH = 10
DIVERGED = 3
NEW, TUNED = "new network", "fine-tuned"
WAYS = (NEW, TUNED)


def read_idx(path, dimensions):
    """The sizes and the bytes of an IDX file."""
    data = gzip.decompress(path.read_bytes())
    magic, *sizes = struct.unpack_from(f">{1 + dimensions}I", data)
    if magic != 0x0800 + dimensions:
        sys.exit(f"{path}: magic number {magic:#010x}, expected {0x0800 + dimensions:#010x}")
    return sizes, data[4 * (1 + dimensions):]


def write_idx(path, sizes, values):
    header = struct.pack(f">{1 + len(sizes)}I", 0x0800 + len(sizes), *sizes)
    path.write_bytes(gzip.compress(header + values, 1, mtime=0))


class Part:
    """The training or the test images of Fashion-MNIST."""

    def __init__(self, folder, part):
        images, labels = FILES[part]
        if not (folder / images).is_file():
            sys.exit(f"{folder} lacks {images}: give --data the folder with the four files of Fashion-MNIST"
                     " (Debian: apt-get install dataset-fashion-mnist, /usr/share/datasets/fashion-mnist).")
        (_, self.height, self.width), self.pixels = read_idx(folder / images, 3)
        _, self.labels = read_idx(folder / labels, 1)

    def of(self, label):
        return [i for i, own in enumerate(self.labels) if own == label]

    def write(self, folder, chosen, classes):
        """Images by number, with labels counted from the first of the classes."""
        if folder.exists():
            return
        unfinished = folder.with_name(folder.name + ".tmp")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        size = self.height * self.width
        images, labels = FILES["train"]
        write_idx(unfinished / images, (len(chosen), self.height, self.width),
                  b"".join(self.pixels[i * size:(i + 1) * size] for i in chosen))
        write_idx(unfinished / labels, (len(chosen),), bytes(self.labels[i] - classes[0] for i in chosen))
        unfinished.rename(folder)


class Benchmark:
    def __init__(self, options):
        self.options = options
        self.out = options.out.resolve()

    def prepare(self):
        plan = {"data": str(self.options.data.resolve()), "epochs": self.options.epochs, "pretraining_epochs": self.options.pretraining_epochs,
                "seeds": self.options.seeds, "grid": list(GRID)}
        marker = self.out / "plan.json"
        if marker.is_file() and json.loads(marker.read_text()) != plan:
            sys.exit(f"{marker} is of other settings than these: name another folder with --out, or remove that one.")
        if not marker.is_file() and self.out.exists() and any(self.out.iterdir()):
            sys.exit(f"{self.out} holds something else: name a folder with --out that does not exist.")
        for folder in ("results", "logs", "runs", "sets"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps(plan, indent=1))
        train, test = Part(self.options.data, "train"), Part(self.options.data, "test")
        train.write(self.out / "sets/first", [i for i, label in enumerate(train.labels) if label in FIRST], FIRST)
        test.write(self.out / "sets/test", [i for i, label in enumerate(test.labels) if label in SECOND], SECOND)
        for seed in (*TUNING_SEEDS, *range(1, self.options.seeds + 1)):
            few, held_out = [], []
            for label in SECOND:
                images = train.of(label)
                random.Random(f"{seed} {label}").shuffle(images)
                few += images[:IMAGES]
                held_out += images[IMAGES:IMAGES + HELD_OUT]
            train.write(self.out / f"sets/few-{seed}", few, SECOND)
            train.write(self.out / f"sets/held-out-{seed}", held_out, SECOND)
        model = json.loads(MODEL.read_text())
        for name, classes in (("first", FIRST), ("second", SECOND)):
            model["config"]["layers"][-1]["config"]["units"] = len(classes)
            (self.out / f"{name}.json").write_text(json.dumps(model))

    def images(self, name):
        return str(self.out / "sets" / name / FILES["train"][0])

    def run(self, name, settings):
        """Accuracy at the end of a run, which is trained unless that was done before; 0 for one that diverged."""
        result = self.out / "results" / f"{name}.json"
        if result.is_file():
            return json.loads(result.read_text())["accuracy"]
        directory = self.out / "runs" / name
        # Left by a run that was interrupted.
        shutil.rmtree(directory, ignore_errors=True)
        configuration = self.out / "runs" / f"{name}.conf"
        configuration.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
        with open(self.out / "logs" / f"{name}.txt", "w") as log:
            code = subprocess.run([str(ROOT / "bin/starling"), "train", str(configuration), f"run.directory={directory}"],
                                  stdout=log, stderr=subprocess.STDOUT).returncode
        if code not in (0, DIVERGED):
            sys.exit(f"{name} ended with exit code {code}; what it printed is in {log.name}.")
        accuracy = 0
        if code == 0:
            lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
            accuracy = [line for line in lines if line["event"] == "validation"][-1]["accuracy"]
        unfinished = result.with_suffix(".tmp")
        unfinished.write_text(json.dumps({"name": name, "settings": settings, "accuracy": accuracy}, indent=1))
        unfinished.rename(result)
        print(f"{datetime.datetime.now():%H:%M}  {name}: {accuracy:.4f}", flush=True)
        return accuracy

    def common(self, model, epochs, rate):
        return {"model.file": str(self.out / f"{model}.json"),
                "training.epochs": epochs, "training.validateEveryEpochs": epochs,
                "training.replicas": 1, "training.stepsPerRound": 100, "checkpoint.everyEpochs": 0,
                "training.optimizer.name": "momentum", "training.optimizer.momentum": 0.9,
                "training.optimizer.weightDecay": 5e-4,
                "training.schedule.name": "cosine", "training.schedule.learningRate": rate}

    def pretrain(self):
        return self.run("first", {**self.common("first", self.options.pretraining_epochs, 0.02),
                                  "training.batch": 32, "training.schedule.warmupSteps": 20,
                                  "data.train": self.images("first"), "data.validationFraction": 0.05})

    def few(self, kind, way, epochs, rate, seed, measured_on):
        settings = {**self.common("second", epochs, rate), "training.batch": BATCH, "training.schedule.warmupSteps": 5, "run.seed": seed,
                    "data.train": self.images(f"few-{seed}"), "data.validation": self.images(measured_on)}
        if way != NEW:
            settings["model.weights"] = str(self.out / "runs/first")
        return self.run(f"{kind}-{WAYS.index(way)}-{epochs}-{rate}-{seed}", settings)

    def go(self):
        lines = [f"Pretrained: {self.pretrain():.4f} on a twentieth of its own training images, held out.", "",
                 f"| epochs (steps) | network | rate | held out ({len(TUNING_SEEDS)} draws) | mean accuracy | standard error | accuracies |",
                 "|---|---|---|---|---|---|---|"]
        differences = []
        for epochs in self.options.epochs:
            means = {}
            for way in WAYS:
                held_out = {rate: statistics.mean(self.few("tune", way, epochs, rate, seed, f"held-out-{seed}") for seed in TUNING_SEEDS)
                            for rate in GRID}
                rate = max(GRID, key=lambda r: (held_out[r], -r))
                found = [self.few("final", way, epochs, rate, seed, "test") for seed in range(1, self.options.seeds + 1)]
                means[way] = statistics.mean(found)
                error = statistics.stdev(found) / len(found) ** 0.5
                steps = epochs * -(-IMAGES * len(SECOND) // BATCH)
                lines.append(f"| {epochs} ({steps}) | {way} | {rate:g} | {held_out[rate]:.4f} | {means[way]:.4f} | {error:.4f} |"
                             f" {', '.join(f'{a:.4f}' for a in found)} |")
            differences.append(f"{100 * (means[TUNED] - means[NEW]):.1f} points after {epochs} epochs")
            table = "\n".join(lines) + f"\n\nFine-tuned less new: {', '.join(differences)}.\n"
            (self.out / "table.md").write_text(table)
            print(table, end="", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"),
                        help="folder with the four files of Fashion-MNIST (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/fine-tuning"),
                        help="folder for results, logs and runs (default: %(default)s)")
    parser.add_argument("--epochs", type=lambda text: [int(number) for number in text.split(",")], default=[3, 5],
                        help="over the 150 images, one number or several (default: 3,5)")
    parser.add_argument("--pretraining-epochs", type=int, default=4, help="over classes 0 to 6 (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="draws that are measured (default: %(default)s)")
    options = parser.parse_args()
    if min(*options.epochs, options.pretraining_epochs) < 1 or options.seeds < 2:
        parser.error("--epochs and --pretraining-epochs are whole numbers from 1 on, --seeds from 2 on")
    benchmark = Benchmark(options)
    benchmark.prepare()
    benchmark.go()


if __name__ == "__main__":
    main()
