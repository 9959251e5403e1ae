import tf from '@tensorflow/tfjs';

/** Local response normalization, from TensorFlow's operator; what docs/models.md gives for Keras. */
export class LocalResponseNormalization extends tf.layers.Layer {
  static className = 'Starling>LocalResponseNormalization';
  constructor(config) {
    super(config);
    Object.assign(this, { k: 2, n: 5, alpha: 1e-4, beta: 0.75 }, config);
  }
  call(inputs) {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tf.localResponseNormalization(x, (this.n - 1) / 2, this.k, this.alpha, this.beta);
  }
  computeOutputShape(shape) {
    return shape;
  }
  getConfig() {
    return { ...super.getConfig(), k: this.k, n: this.n, alpha: this.alpha, beta: this.beta };
  }
}
tf.serialization.registerClass(LocalResponseNormalization);
