package dev.quern.bench.gpu;

/** A contestant could not do what it was asked. */
final class PeerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String reason;

  PeerException(String reason) {
    super(reason);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
