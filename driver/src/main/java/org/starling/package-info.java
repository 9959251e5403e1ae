/**
 * What every room of the driver shares: the exception that carries a message to the user, how checked ones pass Scala, and how work that tasks have finished
 * is kept. Depends on no other package of Starling's.
 */
package org.starling;
