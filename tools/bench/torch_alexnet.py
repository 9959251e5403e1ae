#!/usr/bin/env python3
"""Times AlexNet on PyTorch's CPU kernels, as a yardstick for `bin/starling bench step --against`.

The network is that of conf/models/alexnet.json: same layers, same shapes, N(0,1) images and random labels. A training step is
forward, cross entropy, backward and SGD with momentum 0.9 and weight decay 5e-4 at rate 0.01. Inference runs in eval mode without
gradients. Every figure is a median; the report is one JSON object on standard output.
"""

import argparse
import json
import statistics
import sys
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

CLASSES = 1000
SIDE = 227


@dataclass(frozen=True)
class Convolution:
    name: str
    channels: int
    side: int  # of the square input
    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0

    def module(self):
        return nn.Conv2d(self.channels, self.filters, self.kernel, stride=self.stride, padding=self.padding)


CONVOLUTIONS = (
    Convolution("CONV1", 3, SIDE, 96, 11, stride=4),
    Convolution("CONV2", 96, 27, 256, 5, padding=2),
    Convolution("CONV3", 256, 13, 384, 3, padding=1),
    Convolution("CONV4", 384, 13, 384, 3, padding=1),
    Convolution("CONV5", 384, 13, 256, 3, padding=1),
)
POOLED = {"CONV1", "CONV2", "CONV5"}
NORMALIZED = {"CONV1", "CONV2"}


class AlexNet(nn.Module):
    """[N, 3, 227, 227] to scores [N, 1000]."""

    def __init__(self):
        super().__init__()
        self.convolutions = nn.ModuleList(c.module() for c in CONVOLUTIONS)
        self.fc6 = nn.Linear(6 * 6 * 256, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, CLASSES)

    def forward(self, images):
        x = images
        for shape, convolution in zip(CONVOLUTIONS, self.convolutions):
            x = F.relu(convolution(x))
            if shape.name in POOLED:
                x = F.max_pool2d(x, kernel_size=3, stride=2)
            if shape.name in NORMALIZED:
                # The paper's alpha of 1e-4 multiplies the sum of the squares, PyTorch's their mean over 5 channels.
                x = F.local_response_norm(x, size=5, alpha=5 * 1e-4, beta=0.75, k=2.0)
        x = x.flatten(start_dim=1)
        x = F.dropout(F.relu(self.fc6(x)), 0.5, self.training)
        x = F.dropout(F.relu(self.fc7(x)), 0.5, self.training)
        return self.fc8(x)


def median_seconds(work, repeats):
    """Of `repeats` runs, after one that is not timed."""
    work()
    taken = []
    for _ in range(repeats):
        begin = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def step_rates(batch, repeats):
    """Images per second of training and of inference."""
    network = AlexNet()
    images = torch.randn(batch, 3, SIDE, SIDE)
    labels = torch.randint(CLASSES, (batch,))
    sgd = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)

    def train():
        sgd.zero_grad()
        loss = F.cross_entropy(network(images), labels)
        loss.backward()
        sgd.step()

    train_rate = batch / median_seconds(train, repeats)
    network.eval()
    with torch.no_grad():
        inference_rate = batch / median_seconds(lambda: network(images), repeats)
    return train_rate, inference_rate


def convolution_milliseconds(shape, batch, repeats):
    """Forward, and backward with the gradient of the input where a network needs it: not for its images."""
    layer = shape.module()
    needs_gradient = shape is not CONVOLUTIONS[0]
    images = torch.randn(batch, shape.channels, shape.side, shape.side, requires_grad=needs_gradient)
    output = layer(images)
    gradient = torch.randn_like(output)
    wanted = [layer.weight, layer.bias] + ([images] if needs_gradient else [])
    forward = median_seconds(lambda: layer(images), repeats)
    backward = median_seconds(
        lambda: torch.autograd.grad(output, wanted, gradient, retain_graph=True), repeats)
    return {"forward_ms": round(1e3 * forward, 2), "backward_ms": round(1e3 * backward, 2)}


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is not 1 or more")
    return number


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=positive, default=128, help="images of a step (default: %(default)s)")
    parser.add_argument("--threads", type=positive, default=2, help="threads that compute (default: %(default)s)")
    parser.add_argument("--repeats", type=positive, default=4, help="timed runs a figure (default: %(default)s)")
    parser.add_argument("--skip-convolutions", action="store_true", help="leave out the times of single convolutions")
    options = parser.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    train_rate, inference_rate = step_rates(options.batch, options.repeats)
    report = {
        "program": f"PyTorch {torch.__version__}",
        "batch": options.batch,
        "threads": torch.get_num_threads(),
        "repeats": options.repeats,
        "train_images_per_second": round(train_rate, 3),
        "inference_images_per_second": round(inference_rate, 3),
    }
    if not options.skip_convolutions:
        report["convolutions"] = {
            shape.name: convolution_milliseconds(shape, options.batch, options.repeats) for shape in CONVOLUTIONS
        }
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
