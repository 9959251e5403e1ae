#!/usr/bin/python3
"""Writes torch.json: what TensorFlow.js lacks, computed by PyTorch, in the form of keras.json.

PyTorch keeps images as [N, C, H, W]. A model in channels_last form gets the same numbers in Keras's order: inputs and weights
follow from the formula of keras.mjs over Keras's row-major order, and what is written is brought back into it.
"""
import json
import pathlib

import torch
from torch.nn import functional as F

TARGET = pathlib.Path(__file__).resolve().parents[2] / "driver/src/test/resources/oracle/torch.json"
MODELS = pathlib.Path(__file__).resolve().parents[2] / "conf/models"
BATCH = 2
torch.set_num_threads(1)


def fill(shape, salt, shift=0.0):
    count = torch.Size(shape).numel()
    values = [((k * 7919 + salt * 104729 + 12345) % 10007) / 10007 - 0.5 + shift for k in range(count)]
    return torch.tensor(values, dtype=torch.float32).reshape(shape)


def digits(tensor):
    return [float(f"{v:.6g}") for v in tensor.detach().reshape(-1).tolist()]


class Case:
    """A Keras model of which every layer is computed by PyTorch, as it is added."""

    def __init__(self, name, shape, data_format):
        self.name, self.data_format = name, data_format
        self.layers, self.values, self.weights = [], [], {}
        self.input_shape = shape
        x = fill([BATCH] + shape, 1)
        self.x = self.to_torch(x)

    def to_torch(self, x):
        return x.permute(0, 3, 1, 2) if x.dim() == 4 and self.data_format == "channels_last" else x

    def to_keras(self, x):
        return x.permute(0, 2, 3, 1) if x.dim() == 4 and self.data_format == "channels_last" else x

    def weight(self, layer, name, shape):
        kind, shift = {"kernel": (0, 0), "bias": (1, 0), "gamma": (0, 1), "beta": (1, 0)}[name]
        tensor = fill(shape, 2 + 4 * len(self.layers) + kind, shift).requires_grad_()
        self.weights[f"{layer}/{name}"] = tensor
        return tensor

    def add(self, class_name, name, x, registered=None, **config):
        config = {"name": name, **config}
        if not self.layers:
            config["batch_input_shape"] = [None] + self.input_shape
        self.layers.append({"class_name": registered or class_name, "config": config})
        self.x = x
        keras = self.to_keras(x)
        self.values.append({"layer": name, "shape": list(keras.shape[1:]), "values": digits(keras)})

    def conv(self, name, filters, size, stride=1, dilation=1, padding="valid", activation="linear"):
        kernel = self.weight(name, "kernel", [size, size, self.x.shape[1], filters])
        bias = self.weight(name, "bias", [filters])
        x = pad_same(self.x, dilation * (size - 1) + 1, stride, 0.0) if padding == "same" else self.x
        y = F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, stride=stride, dilation=dilation)
        self.add("Conv2D", name, F.relu(y) if activation == "relu" else y, filters=filters, kernel_size=[size, size],
                 strides=[stride, stride], dilation_rate=[dilation, dilation], padding=padding,
                 activation=activation, data_format=self.data_format)

    def max_pool(self, name, size, stride, padding):
        x = pad_same(self.x, size, stride, float("-inf")) if padding == "same" else self.x
        self.add("MaxPooling2D", name, F.max_pool2d(x, size, stride), pool_size=[size, size], strides=[stride, stride],
                 padding=padding, data_format=self.data_format)

    def normalize_responses(self, name, n, k, alpha, beta):
        # PyTorch divides alpha by n; the paper and Keras's layer do not.
        y = F.local_response_norm(self.x, n, alpha=alpha * n, beta=beta, k=k)
        self.add("LocalResponseNormalization", name, y, registered="Starling>LocalResponseNormalization",
                 n=n, k=k, alpha=alpha, beta=beta)

    def normalize_batch(self, name, momentum, epsilon):
        channels = self.x.shape[1]
        gamma, beta = self.weight(name, "gamma", [channels]), self.weight(name, "beta", [channels])
        salt = 2 + 4 * len(self.layers)
        self.moving_mean = fill([channels], salt + 2)
        variance = fill([channels], salt + 3, 1)
        # The values behind the layer are those of inference; what follows, and the gradients, those of training.
        inference = F.batch_norm(self.x, self.moving_mean, variance, gamma, beta, training=False, eps=epsilon)
        # PyTorch's momentum is the weight of the new value.
        y = F.batch_norm(self.x, self.moving_mean, variance, gamma, beta, training=True, momentum=1 - momentum, eps=epsilon)
        self.add("BatchNormalization", name, inference, axis=-1 if self.data_format == "channels_last" else 1,
                 momentum=momentum, epsilon=epsilon)
        self.x = y

    def flatten(self, name="flatten"):
        # Keras's Flatten turns channels_first around: a vector's order is height, width, channels either way.
        self.add("Flatten", name, self.x.permute(0, 2, 3, 1).reshape(BATCH, -1), data_format=self.data_format)

    def dense(self, name, units, activation="linear"):
        kernel = self.weight(name, "kernel", [self.x.shape[1], units])
        y = self.x @ kernel + self.weight(name, "bias", [units])
        self.add("Dense", name, F.relu(y) if activation == "relu" else y, units=units, activation=activation)

    def record(self, only=None):
        classes = self.x.shape[1]
        loss = F.cross_entropy(self.x, torch.arange(BATCH) % classes)
        loss.backward()
        values = self.values if only is None else [v for v in self.values if v["layer"] in only]
        result = {"name": f"{self.name}, {self.data_format}",
                  "model": {"class_name": "Sequential", "config": {"name": "oracle", "layers": self.layers}},
                  "layers": values, "loss": float(f"{loss.item():.6g}")}
        if only is None:
            result["gradients"] = {name: digits(w.grad) for name, w in self.weights.items()}
        if hasattr(self, "moving_mean"):
            result["movingMeanAfterStep"] = digits(self.moving_mean)
        return result


def pad_same(x, reach, stride, value):
    """Keras's same padding: the odd row and column at the bottom and right."""
    def both(size):
        total = max((-(-size // stride) - 1) * stride + reach - size, 0)
        return total // 2, total - total // 2
    return F.pad(x, (*both(x.shape[3]), *both(x.shape[2])), value=value)


def cases():
    for data_format in ("channels_last", "channels_first"):
        def shape(h, w, c):
            return [h, w, c] if data_format == "channels_last" else [c, h, w]

        case = Case("dilated convolution", shape(7, 8, 3), data_format)
        case.conv("tested", 2, 3, dilation=2)
        case.flatten()
        case.dense("head", 3)
        yield case.record()

        case = Case("same dilated convolution", shape(6, 5, 1), data_format)
        case.conv("tested", 2, 3, dilation=2, padding="same")
        case.flatten()
        case.dense("head", 3)
        yield case.record()

        for n, alpha in ((5, 1e-4), (5, 0.3), (3, 0.3)):
            case = Case(f"local response normalization, n = {n}, alpha = {alpha}", shape(2, 2, 1), data_format)
            case.conv("maps", 7, 1)
            case.normalize_responses("tested", n, 2.0, alpha, 0.75)
            case.flatten()
            case.dense("head", 3)
            yield case.record()

        case = Case("batch normalization", shape(3, 4, 1), data_format)
        case.conv("maps", 3, 2)
        case.normalize_batch("tested", 0.8, 0.01)
        case.flatten()
        case.dense("head", 3)
        result = case.record()
        yield {**result, "layers": result["layers"][:2]}

        case = Case("ReLU with a negative slope", shape(3, 3, 1), data_format)
        case.conv("maps", 3, 2)
        case.add("ReLU", "tested", F.leaky_relu(case.x, 0.3), negative_slope=0.3)
        case.flatten()
        case.dense("head", 3)
        yield case.record()

        case = Case("global average pooling that keeps its dimensions", shape(4, 5, 1), data_format)
        case.conv("maps", 3, 2)
        case.add("GlobalAveragePooling2D", "tested", case.x.mean((2, 3), keepdim=True), keepdims=True,
                 data_format=data_format)
        case.flatten()
        case.dense("head", 3)
        yield case.record()

    case = Case("alexnet-small", [28, 28, 1], "channels_last")
    for layer in json.loads((MODELS / "alexnet-small.json").read_text())["config"]["layers"][1:]:
        build(case, layer["class_name"], layer["config"])
    yield {**case.record(only=["FC6", "FC7", "FC8"]), "model": "alexnet-small.json"}


def build(case, kind, config):
    """One layer of alexnet-small; dropout does nothing outside of training, and the softmax at the end is left out."""
    name = config["name"]
    if kind == "Conv2D":
        case.conv(name, config["filters"], config["kernel_size"][0], config["strides"][0], 1, config["padding"], "relu")
    elif kind == "MaxPooling2D":
        case.max_pool(name, config["pool_size"][0], config["strides"][0], config["padding"])
    elif kind == "LocalResponseNormalization":
        case.normalize_responses(name, config["n"], config["k"], config["alpha"], config["beta"])
    elif kind == "Flatten":
        case.flatten(name)
    elif kind == "Dense":
        case.dense(name, config["units"], "linear" if config["activation"] == "softmax" else config["activation"])
    else:
        case.add(kind, name, case.x, **{"rate": config["rate"]})


records = list(cases())
TARGET.write_text("[\n" + ",\n".join(json.dumps(r, separators=(",", ":")) for r in records) + "\n]\n")
print(f"{len(records)} models")
