// Writes AlexNet as Keras 2 writes it (by TensorFlow.js, with its layers' shapes and parameters) and as Keras 3 writes it.
import tf from '@tensorflow/tfjs';
import fs from 'node:fs';
import { LocalResponseNormalization } from './lrn.mjs';

const target = new URL('../../driver/src/test/resources/oracle/', import.meta.url);

const normal = () => tf.initializers.randomNormal({ mean: 0, stddev: 0.01 });
const bias = (value) => (value === 0 ? tf.initializers.zeros() : tf.initializers.constant({ value }));
const conv = (name, filters, kernelSize, initial, more = {}) =>
  tf.layers.conv2d({ name, filters, kernelSize, activation: 'relu', kernelInitializer: normal(), biasInitializer: bias(initial), ...more });
const dense = (name, units, activation, initial) =>
  tf.layers.dense({ name, units, activation, kernelInitializer: normal(), biasInitializer: bias(initial) });
const pool = (name) => tf.layers.maxPooling2d({ name, poolSize: 3, strides: 2 });
const norm = (name) => new LocalResponseNormalization({ name });

const layers = [
  conv('CONV1', 96, 11, 0, { strides: 4, inputShape: [227, 227, 3] }), pool('MAXPOOL1'), norm('NORM1'),
  conv('CONV2', 256, 5, 0.1, { padding: 'same' }), pool('MAXPOOL2'), norm('NORM2'),
  conv('CONV3', 384, 3, 0, { padding: 'same' }), conv('CONV4', 384, 3, 0.1, { padding: 'same' }),
  conv('CONV5', 256, 3, 0.1, { padding: 'same' }), pool('MAXPOOL3'),
  tf.layers.flatten({ name: 'FLATTEN' }),
  dense('FC6', 4096, 'relu', 0.1), tf.layers.dropout({ name: 'DROP6', rate: 0.5 }),
  dense('FC7', 4096, 'relu', 0.1), tf.layers.dropout({ name: 'DROP7', rate: 0.5 }),
  dense('FC8', 1000, 'softmax', 0),
];
const model = tf.sequential({ name: 'alexnet', layers });
const keras2 = model.toJSON(null, false);

/** Keras 3's form of an object, after keras.io/api/saving: module, class_name, config, registered_name. */
const object3 = (module, class_name, config) => ({ module, class_name, config, registered_name: null });
const policy = object3('keras', 'DTypePolicy', { name: 'float32' });
function layer3({ class_name, config }, inputShape) {
  const { batch_input_shape: _, ...rest } = config;
  for (const key of Object.keys(rest)) {
    if (key.endsWith('_initializer')) {
      rest[key] = object3('keras.initializers', rest[key].class_name, rest[key].config);
    }
  }
  if (class_name === 'Conv2D') {
    rest.groups = 1;
  }
  const custom = class_name.includes('>');
  return {
    module: custom ? null : 'keras.layers', class_name: class_name.split('>').pop(), config: { ...rest, dtype: policy },
    registered_name: custom ? class_name : null, build_config: { input_shape: inputShape },
  };
}
const shapes = [[null, 227, 227, 3], ...model.layers.map((layer) => layer.outputShape)];
const keras3 = {
  module: 'keras', class_name: 'Sequential', registered_name: null,
  config: {
    name: 'alexnet', trainable: true, dtype: policy,
    layers: [
      { module: 'keras.layers', class_name: 'InputLayer', registered_name: null,
        config: { batch_shape: shapes[0], dtype: 'float32', sparse: false, ragged: false, name: 'input_layer' } },
      ...keras2.config.layers.map((layer, i) => layer3(layer, shapes[i])),
    ],
    build_input_shape: shapes[0],
  },
  build_config: { input_shape: shapes[0] },
};
const table = model.layers.map((layer) => ({ name: layer.name, shape: layer.outputShape.slice(1), parameters: layer.countParams() }));

const write = (name, value) => fs.writeFileSync(new URL(name, target), JSON.stringify(value) + '\n');
write('alexnet-keras2.json', keras2);
write('alexnet-keras3.json', keras3);
write('alexnet-table.json', { parameters: model.countParams(), layers: table });
console.log(`AlexNet: ${model.countParams()} parameters`);
