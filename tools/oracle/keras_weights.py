#!/usr/bin/env python3
"""Writes small networks as Keras stores them, with h5py, and what they compute, with NumPy.

    /usr/bin/python3 keras_weights.py

needs Debian's python3-h5py (bookworm: h5py 3.7.0, NumPy 1.24.2). For each network, one in each data format, there are in
driver/src/test/resources/oracle

    weights-FORMAT.json               the network, as model.to_json() of Keras 2 gives it
    weights-FORMAT.h5                 model.save_weights of Keras 2: groups and attributes as keras/saving/hdf5_format.py writes them
    weights-FORMAT-model.h5           model.save of Keras 2: the same below model_weights, with model_config, and an optimizer's state
    weights-FORMAT.weights.h5         model.save_weights of Keras 3: layers/CLASS/vars/NUMBER
    weights-FORMAT-outputs.json       an input, and the probabilities that the network gives

The layouts are written by hand, after Keras's sources: no Keras is needed. The arithmetic is NumPy's in float64, from the definitions: loops
over the cells of a kernel, moving statistics in batch normalization, and Flatten as Keras documents it.
"""

import json
import pathlib

import h5py
import numpy

TARGET = pathlib.Path(__file__).resolve().parents[2] / "driver/src/test/resources/oracle"
EPSILON = 1e-3


def layers(random, channels_first):
    """Name, class, arguments and weights of each layer, in Keras's order of weights."""

    def array(*shape, low=-0.5, high=0.5):
        return random.uniform(low, high, shape).astype("float32")

    form = "channels_first" if channels_first else "channels_last"
    axis = 1 if channels_first else -1

    def normalization(name, size):
        weights = {"gamma": array(size, low=0.5, high=1.5), "beta": array(size),
                   "moving_mean": array(size), "moving_variance": array(size, low=0.2, high=2)}
        return name, "BatchNormalization", {"axis": [axis], "epsilon": EPSILON}, weights

    return [
        ("conv_a", "Conv2D", {"filters": 4, "kernel_size": [3, 2], "strides": [1, 1], "padding": "valid", "data_format": form,
                              "activation": "relu"}, {"kernel": array(3, 2, 3, 4), "bias": array(4)}),
        normalization("norm_a", 4),
        ("pool", "MaxPooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid", "data_format": form}, {}),
        ("conv_b", "Conv2D", {"filters": 5, "kernel_size": [2, 2], "strides": [1, 1], "padding": "valid", "data_format": form,
                              "activation": "linear", "use_bias": False}, {"kernel": array(2, 2, 4, 5)}),
        normalization("norm_b", 5),
        ("relu", "ReLU", {}, {}),
        ("flatten", "Flatten", {"data_format": form}, {}),
        ("hidden", "Dense", {"units": 6, "activation": "tanh"}, {"kernel": array(2 * 3 * 5, 6), "bias": array(6)}),
        ("drop", "Dropout", {"rate": 0.5}, {}),
        ("head", "Dense", {"units": 3, "activation": "softmax"}, {"kernel": array(6, 3), "bias": array(3)}),
    ]


# 9x9x3 to 7x8x4, 3x4x4, 2x3x5, 30, 6 and 3.
HEIGHT, WIDTH, CHANNELS = 9, 9, 3


def convolution(x, kernel, bias):
    """x is [N, height, width, in], the kernel {height, width, in, out}."""
    kh, kw = kernel.shape[:2]
    h, w = x.shape[1] - kh + 1, x.shape[2] - kw + 1
    y = numpy.zeros((x.shape[0], h, w, kernel.shape[3]))
    for i in range(kh):
        for j in range(kw):
            y += x[:, i:i + h, j:j + w, :] @ kernel[i, j]
    return y + bias


def activation(name, x):
    if name == "relu":
        return numpy.maximum(x, 0)
    if name == "tanh":
        return numpy.tanh(x)
    if name == "softmax":
        e = numpy.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    return x


def outputs(network, x):
    """What Keras's layers give for x, [N, height, width, channels], by their definitions; the data format changes the order of axes only."""
    for _, kind, config, weights in network:
        w = {name: value.astype("float64") for name, value in weights.items()}
        if kind == "Conv2D":
            x = activation(config["activation"], convolution(x, w["kernel"], w.get("bias", 0)))
        elif kind == "BatchNormalization":
            x = w["gamma"] * (x - w["moving_mean"]) / numpy.sqrt(w["moving_variance"] + EPSILON) + w["beta"]
        elif kind == "MaxPooling2D":
            h, width = x.shape[1] // 2, x.shape[2] // 2
            x = x[:, :2 * h, :2 * width, :].reshape(x.shape[0], h, 2, width, 2, x.shape[3]).max(axis=(2, 4))
        elif kind == "ReLU":
            x = numpy.maximum(x, 0)
        elif kind == "Flatten":
            # Of channels_first input Keras moves the channels to the end first, so that both formats give one order.
            x = x.reshape(x.shape[0], -1)
        elif kind == "Dense":
            x = activation(config["activation"], x @ w["kernel"] + w.get("bias", 0))
    return x


def to_json(network, channels_first):
    shape = [CHANNELS, HEIGHT, WIDTH] if channels_first else [HEIGHT, WIDTH, CHANNELS]
    described = [{"class_name": "InputLayer", "config": {"batch_input_shape": [None, *shape], "dtype": "float32", "sparse": False,
                                                         "ragged": False, "name": "images"}}]
    for name, kind, config, _ in network:
        described.append({"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}})
    return {"class_name": "Sequential", "config": {"name": "weights", "layers": described}, "keras_version": "2.11.0",
            "backend": "tensorflow"}


def keras2_weights(group, network):
    """As save_weights_to_hdf5_group: a group a layer, with the weights' names in an attribute and as paths."""
    group.attrs["layer_names"] = numpy.array([name.encode() for name, *_ in network])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = b"2.11.0"
    for name, _, _, weights in network:
        layer = group.create_group(name)
        names = [f"{name}/{weight}:0" for weight in weights]
        layer.attrs["weight_names"] = numpy.array([n.encode() for n in names], dtype="S32")
        for path, value in zip(names, weights.values()):
            layer.create_dataset(path, value.shape, dtype=value.dtype)[:] = value


def keras3_weights(file, network):
    """As H5IOStore of Keras 3 writes a Sequential model: a group a layer by its class, numbered from the second on, with vars by number."""
    snake = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "MaxPooling2D": "max_pooling2d", "ReLU": "re_lu",
             "Flatten": "flatten", "Dense": "dense", "Dropout": "dropout"}
    used = {}
    file.create_group("layers/input_layer/vars")
    for _, kind, _, weights in network:
        number = used[kind] = used.get(kind, -1) + 1
        group = file.create_group(f"layers/{snake[kind]}" + (f"_{number}" if number else "") + "/vars")
        for i, value in enumerate(weights.values()):
            group.create_dataset(str(i), data=value)
    file.create_group("vars")


def write(form):
    channels_first = form == "first"
    random = numpy.random.default_rng(7 + channels_first)
    network = layers(random, channels_first)
    text = json.dumps(to_json(network, channels_first))
    stem = f"weights-{form}"
    (TARGET / f"{stem}.json").write_text(text + "\n")
    with h5py.File(TARGET / f"{stem}.h5", "w") as file:
        keras2_weights(file, network)
    with h5py.File(TARGET / f"{stem}-model.h5", "w") as file:
        file.attrs["model_config"] = text.encode()
        file.attrs["keras_version"] = b"2.11.0"
        keras2_weights(file.create_group("model_weights"), network)
        file.create_group("optimizer_weights/sgd").create_dataset("iter:0", data=numpy.int64(3))
    with h5py.File(TARGET / f"{stem}.weights.h5", "w") as file:
        keras3_weights(file, network)
    images = random.integers(0, 256, (4, HEIGHT, WIDTH, CHANNELS))
    mean, deviation = [110.0, 120.0, 130.0], [60.0, 70.0, 80.0]
    probabilities = outputs(network, (images - mean) / deviation)
    (TARGET / f"{stem}-outputs.json").write_text(json.dumps({
        "shape": [*images.shape], "mean": mean, "deviation": deviation, "images": images.reshape(-1).tolist(),
        "probabilities": [[float(f"{p:.9g}") for p in row] for row in probabilities]}) + "\n")
    print(stem, probabilities.round(4).tolist())


if __name__ == "__main__":
    for form in ("last", "first"):
        write(form)
