/**
 * Random changes of training pictures. Each {@link org.starling.data.augmentation.AugmentationStep} says what it changes in a
 * {@link org.starling.data.augmentation.Rendering}; the picture itself is read, scaled, changed and normalized once, when all have spoken.
 */
package org.starling.data.augmentation;
