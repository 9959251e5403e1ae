/** What every room of the driver shares: the exception that carries a message to the user, and how checked ones pass Scala. Depends on nothing. */
package org.starling;
