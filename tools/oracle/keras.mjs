// Writes keras.json: small Sequential models with their values, as TensorFlow.js (an implementation of Keras that shares no
// code with Starling or DL4J) computes them. Inputs and weights follow from a formula that the tests know too.
import tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import { LocalResponseNormalization } from './lrn.mjs';

const target = new URL('../../driver/src/test/resources/oracle/', import.meta.url);
const BATCH = 2;

/** Element k of array number `salt`: in (-0.5, 0.5), no two of the first 10007 alike. */
const value = (salt, k) => ((k * 7919 + salt * 104729 + 12345) % 10007) / 10007 - 0.5;
const ARRAYS = { kernel: [0, 0], bias: [1, 0], gamma: [0, 1], beta: [1, 0], moving_mean: [2, 0], moving_variance: [3, 1] };

const digits = (tensor) => Array.from(tensor.dataSync(), (v) => Number(v.toPrecision(6)));
const fill = (shape, salt, shift) =>
  tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => value(salt, k) + shift), shape);

/** Keras's name of an array: TensorFlow.js numbers those that it has seen before. */
const arrayName = (weight) => weight.name.split('/').pop().replace(/_\d+$/, '');

function setWeights(model) {
  model.layers.forEach((layer, index) => {
    layer.setWeights(layer.weights.map((weight) => {
      const [kind, shift] = ARRAYS[arrayName(weight)];
      return fill(weight.shape, 2 + 4 * index + kind, shift);
    }));
  });
}

/** Mean cross entropy of labels 0, 1, 2, 0, ... and its gradients, in training mode. */
function gradients(model, x, softmax) {
  const classes = model.outputs[0].shape[1];
  const labels = tf.oneHot(Array.from({ length: BATCH }, (_, i) => i % classes), classes);
  const loss = () => {
    const output = model.apply(x, { training: true });
    const logProbability = softmax ? tf.log(output) : tf.logSoftmax(output);
    return tf.mean(tf.neg(tf.sum(tf.mul(labels, logProbability), 1)));
  };
  const { value, grads } = tf.variableGrads(loss);
  const named = {};
  for (const layer of model.layers) {
    for (const weight of layer.trainableWeights) {
      const gradient = grads[weight.val.name];
      named[layer.name + '/' + arrayName(weight)] = digits(gradient);
    }
  }
  return { loss: Number(value.dataSync()[0].toPrecision(6)), gradients: named };
}

function regularization(model) {
  const losses = model.layers.flatMap((layer) => layer.calculateLosses());
  return losses.length === 0 ? undefined : Number(tf.addN(losses).dataSync()[0].toPrecision(6));
}

/** One model: its JSON, the shape and values behind every layer, the loss and the gradients. */
function record(name, layers, options = {}) {
  const model = tf.sequential({ name: 'oracle', layers });
  setWeights(model);
  const x = fill([BATCH, ...model.inputs[0].shape.slice(1)], 1, 0);
  let activations = x;
  const values = model.layers.map((layer) => {
    activations = layer.apply(activations, { training: false });
    return { layer: layer.name, shape: layer.outputShape.slice(1), values: digits(activations) };
  });
  const result = { name, model: model.toJSON(null, false), layers: values, parameters: model.countParams() };
  if (options.only) {
    result.layers = values.filter((v) => options.only.includes(v.layer));
  }
  result.regularization = regularization(model);
  // TensorFlow.js has no gradient of a dilated convolution; values.py has.
  if (model.layers.every((layer) => (layer.dilationRate ?? [1]).every((d) => d === 1))) {
    Object.assign(result, gradients(model, x, options.softmax));
  }
  const norm = model.layers.find((layer) => layer.getClassName() === 'BatchNormalization');
  if (norm) {
    result.movingMeanAfterStep = digits(norm.movingMean.read());
  }
  return result;
}

const cases = [];
const FORMATS = ['channelsLast', 'channelsFirst'];
const shaped = (format, h, w, c) => (format === 'channelsLast' ? [h, w, c] : [c, h, w]);

/** A layer under test between an input and three scores. */
function between(name, format, size, layer) {
  cases.push(record(`${name}, ${format}`, [
    layer({ inputShape: shaped(format, ...size), dataFormat: format, name: 'tested' }),
    tf.layers.flatten({ dataFormat: format, name: 'flatten' }),
    tf.layers.dense({ units: 3, name: 'head' }),
  ]));
}

const conv = (config) => (common) => tf.layers.conv2d({ filters: 2, ...common, ...config });
const maxPool = (config) => (common) => tf.layers.maxPooling2d({ ...common, ...config });
const averagePool = (config) => (common) => tf.layers.averagePooling2d({ ...common, ...config });

for (const format of FORMATS) {
  const row = (name, size, layer) => between(name, format, size, layer);
  row('convolution of three maps, four filters', [5, 6, 3], conv({ filters: 4, kernelSize: 3 }));
  row('convolution with a pair as kernel', [5, 6, 3], conv({ kernelSize: [2, 3] }));
  row('convolution with stride 2 that fits', [7, 5, 1], conv({ kernelSize: 3, strides: 2 }));
  row('convolution with a pair as strides', [7, 5, 1], conv({ kernelSize: 3, strides: [2, 1] }));
  row('convolution with a remainder', [7, 8, 1], conv({ kernelSize: 3, strides: 3 }));
  row('convolution with dilation 2', [7, 8, 1], conv({ kernelSize: 3, dilationRate: 2 }));
  row('convolution with a pair as dilation', [7, 8, 1], conv({ kernelSize: [3, 2], dilationRate: [2, 3] }));
  row('same convolution with dilation 2', [6, 5, 1], conv({ kernelSize: 3, dilationRate: 2, padding: 'same' }));
  for (const size of [2, 3, 4, 5, 7]) {
    row(`same convolution ${size}x${size}`, [5, 6, 1], conv({ kernelSize: size, padding: 'same' }));
  }
  for (const [kernel, stride] of [[3, 2], [4, 2], [2, 3], [1, 3]]) {
    row(`same convolution ${kernel}x${kernel} with stride ${stride}`, [7, 6, 1],
      conv({ kernelSize: kernel, strides: stride, padding: 'same' }));
  }
  row('same convolution whose stride passes its kernel in one direction', [8, 5, 1],
    conv({ kernelSize: [1, 3], strides: [3, 2], padding: 'same' }));
  row('convolution without bias', [4, 4, 3], conv({ kernelSize: 3, useBias: false }));
  for (const [kind, pool] of [['max', maxPool], ['average', averagePool]]) {
    row(`${kind} pooling with defaults`, [5, 6, 3], pool({}));
    row(`${kind} pooling 3x3 with stride 2, floor`, [6, 7, 1], pool({ poolSize: 3, strides: 2 }));
    row(`${kind} pooling with pairs`, [6, 7, 1], pool({ poolSize: [2, 3], strides: [1, 2] }));
    row(`same ${kind} pooling 3x3 with stride 2`, [6, 7, 1], pool({ poolSize: 3, strides: 2, padding: 'same' }));
    row(`same ${kind} pooling 2x2 with stride 1`, [4, 5, 1], pool({ poolSize: 2, strides: 1, padding: 'same' }));
    row(`same ${kind} pooling 2x2 with stride 3`, [7, 9, 1], pool({ poolSize: 2, strides: 3, padding: 'same' }));
    cases.push(record(`same ${kind} pooling 1x1 with stride 3 behind a convolution, ${format}`, [
      tf.layers.conv2d({ inputShape: shaped(format, 7, 8, 1), filters: 2, kernelSize: 2, dataFormat: format, name: 'conv' }),
      pool({ poolSize: 1, strides: 3, padding: 'same' })({ dataFormat: format, name: 'tested' }),
      tf.layers.flatten({ dataFormat: format, name: 'flatten' }),
      tf.layers.dense({ units: 3, name: 'head' }),
    ]));
  }
  row('zero padding by a number', [3, 4, 1], (c) => tf.layers.zeroPadding2d({ ...c, padding: 2 }));
  row('zero padding by a pair', [3, 4, 1], (c) => tf.layers.zeroPadding2d({ ...c, padding: [1, 2] }));
  row('zero padding by pairs', [3, 4, 1], (c) => tf.layers.zeroPadding2d({ ...c, padding: [[0, 1], [2, 3]] }));
  cases.push(record(`global average pooling, ${format}`, [
    tf.layers.conv2d({ inputShape: shaped(format, 5, 6, 1), filters: 4, kernelSize: 3, dataFormat: format, name: 'tested' }),
    tf.layers.globalAveragePooling2d({ dataFormat: format, name: 'mean' }),
    tf.layers.dense({ units: 3, name: 'head' }),
  ]));
  cases.push(record(`two convolutions with pooling, ${format}`, [
    tf.layers.conv2d({ inputShape: shaped(format, 8, 7, 3), filters: 3, kernelSize: 3, activation: 'relu', padding: 'same', dataFormat: format, name: 'one' }),
    tf.layers.maxPooling2d({ poolSize: 3, strides: 2, dataFormat: format, name: 'pool' }),
    tf.layers.conv2d({ filters: 4, kernelSize: 2, activation: 'tanh', dataFormat: format, name: 'two' }),
    tf.layers.flatten({ dataFormat: format, name: 'flatten' }),
    tf.layers.dense({ units: 5, activation: 'sigmoid', name: 'hidden' }),
    tf.layers.dense({ units: 3, activation: 'softmax', name: 'head' }),
  ], { softmax: true }));
}
// Only along the last axis: TensorFlow.js's CPU backend normalizes along no other.
between('batch normalization', 'channelsLast', [3, 4, 3], (c) => tf.layers.batchNormalization(c));
between('batch normalization with arguments', 'channelsLast', [3, 4, 3], (c) =>
  tf.layers.batchNormalization({ ...c, axis: 3, momentum: 0.8, epsilon: 0.01 }));
cases.push(record('flatten that leaves channels first', [
  tf.layers.conv2d({ inputShape: [1, 4, 5], filters: 2, kernelSize: 3, dataFormat: 'channelsFirst', name: 'tested' }),
  tf.layers.flatten({ dataFormat: 'channelsLast', name: 'flatten' }),
  tf.layers.dense({ units: 3, name: 'head' }),
]));

for (const [n, alpha] of [[1, 0.3], [3, 0.3], [5, 1e-4], [5, 0.3], [9, 0.3], [15, 0.3]]) {
  cases.push(record(`local response normalization, n = ${n}, alpha = ${alpha}`, [
    tf.layers.conv2d({ inputShape: [2, 2, 1], filters: 7, kernelSize: 1, name: 'maps' }),
    new LocalResponseNormalization({ n, alpha, k: n === 3 ? 1.5 : 2, beta: n === 3 ? 0.5 : 0.75, name: 'tested' }),
    tf.layers.flatten({ name: 'flatten' }),
    tf.layers.dense({ units: 3, name: 'head' }),
  ]));
}

for (const name of ['linear', 'relu', 'relu6', 'elu', 'selu', 'sigmoid', 'tanh', 'softplus', 'softsign', 'swish', 'mish']) {
  const steep = { units: 12, useBias: false, name: 'steep', kernelRegularizer: null };
  cases.push(record(`activation ${name} of Conv2D, Dense and Activation`, [
    tf.layers.conv2d({ inputShape: [3, 3, 3], filters: 2, kernelSize: 2, activation: name, name: 'conv' }),
    tf.layers.activation({ activation: name, name: 'maps' }),
    tf.layers.flatten({ name: 'flatten' }),
    tf.layers.dense({ ...steep, activation: name }),
    tf.layers.activation({ activation: name, name: 'vector' }),
    tf.layers.dense({ units: 3, name: 'head' }),
  ]));
}
cases.push(record('ReLU layer, plain and cut at six', [
  tf.layers.conv2d({ inputShape: [3, 3, 3], filters: 2, kernelSize: 2, name: 'conv' }),
  tf.layers.reLU({ name: 'plain' }),
  tf.layers.flatten({ name: 'flatten' }),
  tf.layers.dense({ units: 12, name: 'dense' }),
  tf.layers.reLU({ maxValue: 6, name: 'cut' }),
  tf.layers.dense({ units: 3, name: 'head' }),
]));
cases.push(record('separate softmax', [
  tf.layers.flatten({ inputShape: [2, 2, 1], name: 'flatten' }),
  tf.layers.dense({ units: 3, name: 'head' }),
  tf.layers.softmax({ name: 'probabilities' }),
], { softmax: true }));
cases.push(record('softmax as Activation', [
  tf.layers.flatten({ inputShape: [2, 2, 1], name: 'flatten' }),
  tf.layers.dense({ units: 3, name: 'head' }),
  tf.layers.activation({ activation: 'softmax', name: 'probabilities' }),
], { softmax: true }));
cases.push(record('regularizers', [
  tf.layers.conv2d({ inputShape: [3, 3, 1], filters: 2, kernelSize: 2, name: 'l1', kernelRegularizer: tf.regularizers.l1({ l1: 0.03 }), biasRegularizer: 'l1l2' }),
  tf.layers.flatten({ name: 'flatten' }),
  tf.layers.dense({ units: 4, name: 'l2', kernelRegularizer: tf.regularizers.l2({ l2: 0.02 }) }),
  tf.layers.dense({ units: 3, name: 'l1_l2', kernelRegularizer: tf.regularizers.l1l2({ l1: 0.05, l2: 0.07 }), biasRegularizer: tf.regularizers.l2({ l2: 0.5 }) }),
]));
cases.push(record('dropout', [
  tf.layers.flatten({ inputShape: [2, 2, 1], name: 'flatten' }),
  tf.layers.dropout({ rate: 0, name: 'dropout' }),
  tf.layers.dense({ units: 3, name: 'head' }),
]));

/** Sample moments of every initializer that TensorFlow.js has, by Keras's name, of a convolution's kernel and of a matrix. */
const seed = 1;
const scaling = (mode, distribution) => [
  tf.initializers.varianceScaling({ scale: 3, mode, distribution, seed }),
  { class_name: 'VarianceScaling', config: { scale: 3, mode: mode.replace('A', '_a').replace('I', '_i').replace('O', '_o'), distribution } },
];
const configured = (initializer) => [initializer, { class_name: initializer.getClassName(), config: initializer.getConfig() }];
const INITIALIZERS = [
  [tf.initializers.glorotUniform({ seed }), 'glorot_uniform'], [tf.initializers.glorotNormal({ seed }), 'glorot_normal'],
  [tf.initializers.heUniform({ seed }), 'he_uniform'], [tf.initializers.heNormal({ seed }), 'he_normal'],
  [tf.initializers.leCunUniform({ seed }), 'lecun_uniform'], [tf.initializers.leCunNormal({ seed }), 'lecun_normal'],
  [tf.initializers.zeros(), 'zeros'], [tf.initializers.ones(), 'ones'],
  configured(tf.initializers.constant({ value: 0.25 })),
  configured(tf.initializers.randomNormal({ mean: 0.1, stddev: 0.2, seed })),
  configured(tf.initializers.truncatedNormal({ mean: 0.1, stddev: 0.2, seed })),
  configured(tf.initializers.randomUniform({ minval: -0.1, maxval: 0.3, seed })),
  scaling('fanIn', 'uniform'), scaling('fanOut', 'uniform'), scaling('fanAvg', 'uniform'),
];
const number = (t) => Number(t.dataSync()[0].toPrecision(5));
const moments = INITIALIZERS.flatMap(([initializer, keras]) => [[3, 3, 16, 32], [300, 200]].map((shape) => {
  const sample = initializer.apply(shape);
  const { mean, variance } = tf.moments(sample);
  return { keras, shape, mean: number(mean), deviation: number(tf.sqrt(variance)), min: number(sample.min()), max: number(sample.max()) };
}));

const lines = (list) => '[\n' + list.map((entry) => JSON.stringify(entry)).join(',\n') + '\n]\n';
fs.mkdirSync(target, { recursive: true });
fs.writeFileSync(new URL('keras.json', target), lines(cases));
fs.writeFileSync(new URL('initializers.json', target), lines(moments));
console.log(`${cases.length} models, ${moments.length} initializers`);
