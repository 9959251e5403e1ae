/** Trained models in the formats of other programs. */
package org.starling.export;
