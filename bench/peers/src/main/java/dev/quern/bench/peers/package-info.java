/** Other libraries as contenders: each runs in a process of its own. */
@NullMarked
package dev.quern.bench.peers;

import org.jspecify.annotations.NullMarked;
