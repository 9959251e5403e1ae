#!/usr/bin/env python3
"""What averaging seldom costs in accuracy: alexnet-small on Fashion-MNIST, four replicas, in many ways of averaging.

    python3 tools/bench/convergence.py --data /usr/share/datasets/fashion-mnist --out runs/convergence

Every way has its learning rate tuned by the same grid of three, on a tenth of the training images that is held out. It is then trained on all of
them and measured on the test images. One replica, and the way that is recommended, are trained with five seeds. The recommended one is the best
on the held-out images, after as many epochs as are measured, among those that move at least 32 times fewer bytes than averaging every step: the
test images choose nothing.

Each run's result is a file under OUT/results, so the same command goes on where it stopped. OUT/table.md has the tables so far, OUT/logs what
bin/starling printed. No run begins when --minutes of runs are used up.

Only Python's standard library is used.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPLICAS = 4
BATCH = 32
GRID = (0.005, 0.02, 0.08)
HELD_OUT = 0.1
FEWER_BYTES = 32
# By which the way that is recommended is chosen, each with other images held out, among those not more than so far behind after the first.
CHOOSING_SEEDS = 3
CHOOSING_MARGIN = 0.01
FLOAT_BYTES = 4
DIVERGED = 3
FILES = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
# Name of the RDD that a round exchanges, by which its stage is known in Spark's event log.
TRAINED = "trained replicas"

LOCAL = {"training.optimizer.state": "local"}
INT8 = {"training.payload": "int8"}
SLOWMO = {"training.outer.optimizer": "slowmo", "training.outer.momentum": 0.5}
NESTEROV = {"training.outer.optimizer": "nesterov"}
# The mean of the replicas' changes is as long as that of one of them, though it is of as many times more images. In the long run this makes it
# 1 / (1 - 0.75) times as long: as many times as there are replicas.
NESTEROV_BY_REPLICAS = {**NESTEROV, "training.outer.learningRate": 1, "training.outer.momentum": 1 - 1 / REPLICAS}


def period(steps, **more):
    return {"training.stepsPerRound": steps, **more}


# The baselines first.
ONE, EVERY_STEP = "one replica", "every step"
WAYS = {
    ONE: {"training.replicas": 1, **period(32)},
    EVERY_STEP: period(1),
    "every 8 steps": period(8),
    "every 32 steps": period(32),
    "every 128 steps": period(128),
    "every 32, local momentum": period(32, **LOCAL),
    "every 32, local momentum, slowmo": period(32, **LOCAL, **SLOWMO),
    "every 32, local momentum, nesterov": period(32, **LOCAL, **NESTEROV),
    "every 32, local momentum, nesterov 1, 0.75": period(32, **LOCAL, **NESTEROV_BY_REPLICAS),
    "every 11, local momentum, int8": period(11, **LOCAL, **INT8),
    "every 11, local momentum, int8, slowmo": period(11, **LOCAL, **INT8, **SLOWMO),
    "every 11, local momentum, int8, nesterov": period(11, **LOCAL, **INT8, **NESTEROV),
    "post-local: an epoch every 4, then every 15, local momentum, int8": period(
        4, **LOCAL, **INT8, **{"training.postLocal.epochs": 1, "training.postLocal.stepsPerRound": 15}),
    "post-local: an epoch every step, then every 32": period(
        1, **{"training.postLocal.epochs": 1, "training.postLocal.stepsPerRound": 32}),
    "adaptive: an epoch every 8, then 1 to 128": period(8, **{"training.adaptive.maxStepsPerRound": 128}),
}


class Benchmark:
    def __init__(self, options):
        self.options = options
        self.out = options.out.resolve()
        self.data = options.data.resolve()
        self.results = self.out / "results"
        self.ways = [way for way in WAYS if not options.way or way in (ONE, EVERY_STEP, *options.way)]
        self.stopped_by_time = False

    def prepare(self):
        missing = [name for name in FILES if not (self.data / name).is_file()]
        if missing:
            sys.exit(f"{self.data} lacks {', '.join(missing)}: give --data the folder with the four files of Fashion-MNIST"
                     " (Debian: apt-get install dataset-fashion-mnist, /usr/share/datasets/fashion-mnist).")
        ways = {name: WAYS[name] for name in WAYS if name in self.ways}
        plan = {"data": str(self.data), "epochs": self.options.epochs, "tuning_epochs": self.options.tuning_epochs,
                "seeds": self.options.seeds, "grid": GRID, "ways": ways}
        plan = json.loads(json.dumps(plan))
        marker = self.out / "plan.json"
        if marker.is_file():
            before = json.loads(marker.read_text())
            known = {name: way for name, way in plan["ways"].items() if name in before["ways"]}
            # Ways may be added: the results of others stay what they are.
            if before != {**plan, "ways": known}:
                sys.exit(f"{marker} is of other settings than these: name another folder with --out, or remove that one.")
        elif self.out.exists() and any(self.out.iterdir()):
            sys.exit(f"{self.out} holds something else: name a folder with --out that does not exist.")
        for folder in ("results", "logs", "runs", "events"):
            (self.out / folder).mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps(plan, indent=1))

    # Runs

    def result(self, name):
        file = self.results / f"{name}.json"
        return json.loads(file.read_text()) if file.is_file() else None

    def used(self):
        return sum(json.loads(file.read_text())["seconds"] for file in self.results.glob("*.json"))

    def run(self, name, settings):
        """The result of a run, which is trained unless that was done before; None when the time is used up."""
        known = self.result(name)
        if known is not None:
            return known
        if self.used() >= 60 * self.options.minutes:
            self.stopped_by_time = True
            return None
        directory, events, log = self.out / "runs" / name, self.out / "events" / name, self.out / "logs" / f"{name}.txt"
        # Left by a run that was interrupted.
        shutil.rmtree(directory, ignore_errors=True)
        shutil.rmtree(events, ignore_errors=True)
        events.mkdir()
        configuration = self.out / "runs" / f"{name}.conf"
        configuration.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
        command = [ROOT / "bin" / "starling", "train", configuration, f"run.directory={directory}",
                   "--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={events.as_uri()}"]
        started, cpu = time.monotonic(), self.cpu_seconds()
        with open(log, "w") as output:
            with subprocess.Popen([str(word) for word in command], stdout=output, stderr=subprocess.STDOUT) as process:
                try:
                    code = process.wait()
                except BaseException:
                    process.terminate()
                    raise
        if code not in (0, DIVERGED):
            sys.exit(f"{name} ended with exit code {code}; what it printed is in {log}.")
        result = {"name": name, "settings": settings, "diverged": code == DIVERGED,
                  "seconds": round(time.monotonic() - started, 1), "cpu_seconds": round(self.cpu_seconds() - cpu, 1),
                  **({"accuracy": None} if code == DIVERGED else self.measured(directory, events, settings))}
        shutil.rmtree(events)
        whole = self.results / f"{name}.json.tmp"
        whole.write_text(json.dumps(result, indent=1))
        whole.rename(self.results / f"{name}.json")
        accuracy = "diverged" if result["diverged"] else f"accuracy {result['accuracy']:.4f}"
        print(f"{datetime.datetime.now():%H:%M}  {name}: {accuracy}, {result['seconds']:.0f} s;"
              f" {self.used() / 60:.0f} of {self.options.minutes:.0f} minutes used", flush=True)
        self.table()
        return result

    @staticmethod
    def cpu_seconds():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    @staticmethod
    def measured(directory, events, settings):
        lines = [json.loads(line) for line in (directory / "metrics.jsonl").read_text().splitlines()]
        start = next(line for line in lines if line["event"] == "start")
        validation = [line for line in lines if line["event"] == "validation"][-1]
        rounds = max(line["round"] for line in lines if line["event"] == "round")
        replicas = start["replicas"]
        gathered = 0
        if replicas > 1:
            vectors = 1 if settings.get("training.optimizer.state") == "local" else 2
            gathered = rounds * vectors * FLOAT_BYTES * start["parameters"]
        return {"accuracy": validation["accuracy"], "images": validation["images"], "rounds": rounds,
                "exchanged_bytes": exchanged(events) / replicas, "gathered_bytes": gathered}

    # What is run

    def common(self, way):
        return {"model.file": str(ROOT / "conf/models/alexnet-small.json"),
                "data.train": str(self.data / FILES[0]),
                "checkpoint.everyEpochs": 0,
                "training.replicas": REPLICAS, "training.batch": BATCH,
                "training.optimizer.name": "momentum", "training.optimizer.momentum": 0.9,
                "training.optimizer.weightDecay": 5e-4,
                "training.schedule.name": "cosine", "training.schedule.warmupSteps": 50,
                **WAYS[way]}

    def tuning(self, way, rate):
        epochs = self.options.tuning_epochs
        return self.run(f"tune-{slug(way)}-{rate}", {
            **self.common(way), "data.validationFraction": HELD_OUT, "training.epochs": epochs,
            "training.validateEveryEpochs": epochs, "training.schedule.learningRate": rate})

    def final(self, way, rate, seed):
        epochs = self.options.epochs
        return self.run(f"final-{slug(way)}-{seed}", {
            **self.common(way), "data.validation": str(self.data / FILES[2]), "training.epochs": epochs,
            "training.validateEveryEpochs": epochs, "training.schedule.learningRate": rate, "run.seed": seed})

    def tuned(self, way):
        """The best of the grid on the held-out images, the smallest of equals; None while a run is missing or where all diverged."""
        results = [self.result(f"tune-{slug(way)}-{rate}") for rate in GRID]
        if None in results:
            return None
        best = max(range(len(GRID)), key=lambda i: (results[i]["accuracy"] or 0, -i))
        return None if results[best]["diverged"] else (GRID[best], results[best]["accuracy"])

    def choosing(self, way, rate, seed):
        """As long as the runs that are measured: tuning favours ways that are quick at first."""
        epochs = self.options.epochs
        return self.run(f"choose-{slug(way)}-{seed}", {
            **self.common(way), "data.validationFraction": HELD_OUT, "training.epochs": epochs,
            "training.validateEveryEpochs": epochs, "training.schedule.learningRate": rate, "run.seed": seed})

    def chosen(self, way, seeds):
        """Mean accuracy on what was held out; None while a run is missing."""
        results = [self.result(f"choose-{slug(way)}-{seed}") for seed in range(1, seeds + 1)]
        return None if None in results else statistics.mean(result["accuracy"] or 0 for result in results)

    def seldom(self):
        """Ways that move few bytes."""
        every = self.result(f"final-{slug(EVERY_STEP)}-1")
        return [way for way in self.ways
                if way != ONE and every and (final := self.result(f"final-{slug(way)}-1")) and not final["diverged"]
                and sent(every) >= FEWER_BYTES * sent(final)]

    def candidates(self):
        """Ways that move few bytes and are not far behind; None while a run is missing."""
        first = {way: self.chosen(way, 1) for way in self.seldom()}
        if not first or None in first.values():
            return None
        return [way for way in first if first[way] >= max(first.values()) - CHOOSING_MARGIN]

    def recommended(self):
        """None while a run is missing that it depends on."""
        means = {way: self.chosen(way, CHOOSING_SEEDS) for way in self.candidates() or []}
        if not means or None in means.values() or any(self.tuned(way) is None for way in self.ways):
            return None
        return max(means, key=means.get)

    def go(self):
        for way in self.ways:
            for rate in GRID:
                if self.tuning(way, rate) is None:
                    return
        for way in self.ways:
            if self.tuned(way) and self.final(way, self.tuned(way)[0], 1) is None:
                return
        for seed in range(1, CHOOSING_SEEDS + 1):
            for way in self.seldom() if seed == 1 else self.candidates():
                if self.choosing(way, self.tuned(way)[0], seed) is None:
                    return
        for seed in range(2, self.options.seeds + 1):
            for way in (ONE, self.recommended()):
                if way and self.tuned(way) and self.final(way, self.tuned(way)[0], seed) is None:
                    return

    # What is written

    def table(self):
        o = self.options
        lines = [f"`{pathlib.Path(sys.argv[0]).name} --epochs {o.epochs} --tuning-epochs {o.tuning_epochs} --seeds {o.seeds}`,"
                 f" {datetime.date.today()}, {processor()}, {os.cpu_count()} processors; {len(list(self.results.glob('*.json')))} runs,"
                 f" {self.used() / 60:.0f} minutes.", "",
                 f"| averaging | rate | held out, {o.tuning_epochs} epochs | {o.epochs} epochs | accuracy | rounds | MB a replica | fewer bytes |",
                 "|---|---|---|---|---|---|---|---|"]
        every = self.result(f"final-{slug(EVERY_STEP)}-1")
        for way in self.ways:
            tuned, final = self.tuned(way), self.result(f"final-{slug(way)}-1")
            rate, held_out = (f"{tuned[0]:g}", f"{tuned[1]:.4f}") if tuned else ("", "")
            seeds = CHOOSING_SEEDS if way in (self.candidates() or []) else 1
            chosen = self.chosen(way, seeds)
            longer = "" if chosen is None else f"{chosen:.4f}" + (f" ({seeds} seeds)" if seeds > 1 else "")
            cells = [""] * 4
            if final and final["diverged"]:
                cells[0] = "diverged"
            elif final:
                fewer = f"{sent(every) / sent(final):.1f}" if every and not every["diverged"] and sent(final) else ""
                cells = [f"{final['accuracy']:.4f}", f"{final['rounds']:,}", f"{sent(final) / 1e6:,.0f}", fewer]
            lines.append("| " + " | ".join([way, rate, held_out, longer, *cells]) + " |")
        recommended = self.recommended()
        lines += ["", f"Recommended: {recommended or 'not known yet'}.", "",
                  "| averaging | seeds | mean accuracy | standard error | accuracies |", "|---|---|---|---|---|"]
        means = []
        for way in filter(None, (ONE, recommended)):
            results = [self.result(f"final-{slug(way)}-{seed}") for seed in range(1, o.seeds + 1)]
            accuracies = [r["accuracy"] for r in results if r and not r["diverged"]]
            if len(accuracies) > 1:
                error = statistics.stdev(accuracies) / len(accuracies) ** 0.5
                means.append((statistics.mean(accuracies), error))
                lines.append(f"| {way} | {len(accuracies)} | {means[-1][0]:.4f} | {error:.4f} |"
                             f" {', '.join(f'{a:.4f}' for a in accuracies)} |")
        if len(means) == 2:
            difference = means[0][0] - means[1][0]
            error = (means[0][1] ** 2 + means[1][1] ** 2) ** 0.5
            lines += ["", f"One replica less recommended: {100 * difference:.2f} points, standard error {100 * error:.2f}."]
        (self.out / "table.md").write_text("\n".join(lines) + "\n")


def slug(way):
    return "".join(c if c.isalnum() else "-" for c in way).replace("--", "-")


def sent(result):
    """Bytes that a replica exchanges and gathers in a run."""
    return result["exchanged_bytes"] + result["gathered_bytes"]


def exchanged(events):
    """Bytes that all replicas wrote for the exchange, as Spark counted them task by task."""
    stages, total = set(), 0
    # One application, whose log may be rolled.
    for log in (file for file in events.rglob("*") if file.is_file()):
        with open(log) as lines:
            for line in lines:
                if '"SparkListenerStageSubmitted"' in line and TRAINED in line:
                    stages.add(json.loads(line)["Stage Info"]["Stage ID"])
                elif '"SparkListenerTaskEnd"' in line:
                    event = json.loads(line)
                    if event["Stage ID"] in stages and event.get("Task Metrics"):
                        total += event["Task Metrics"]["Shuffle Write Metrics"]["Shuffle Bytes Written"]
    return total


def processor():
    try:
        names = [line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")]
        return names[0]
    except (OSError, IndexError):
        return platform.processor() or platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"),
                        help="folder with the four files of Fashion-MNIST (default: %(default)s)")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("runs/convergence"),
                        help="folder for results, logs and runs (default: %(default)s)")
    parser.add_argument("--way", action="append", choices=list(WAYS), metavar="NAME",
                        help="a way of averaging; may be given several times, beside those that all are compared with (default: all)")
    parser.add_argument("--minutes", type=float, default=150, help="of all runs together (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=6, help="of a run that is measured (default: %(default)s)")
    parser.add_argument("--tuning-epochs", type=int, default=2, help="of a run that tunes (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="of the runs with a standard error (default: %(default)s)")
    options = parser.parse_args()
    if min(options.epochs, options.tuning_epochs, options.seeds) < 1:
        parser.error("--epochs, --tuning-epochs and --seeds are whole numbers from 1 on")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    benchmark = Benchmark(options)
    benchmark.prepare()
    try:
        benchmark.go()
    except KeyboardInterrupt:
        sys.exit(130)
    benchmark.table()
    print((benchmark.out / "table.md").read_text(), end="")
    if benchmark.stopped_by_time:
        sys.exit(f"The {options.minutes:g} minutes are used up and runs are missing: the same command with more --minutes goes on.")


if __name__ == "__main__":
    main()
