internal import Glibc

/// The wish that this process end: SIGTERM or SIGINT. Make it first thing in `main`: threads inherit the
/// blocked signals from the one that starts them.
package struct Termination: ~Copyable {
  private var signals = sigset_t()

  /// Also has SIGHUP and SIGPIPE ignored: no terminal, and a peer that left, are no reason to die.
  package init() {
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGHUP, SIG_IGN)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Sleeps until one arrives, and gives its name.
  package func wait() -> String {
    var arrived: Int32 = 0
    var signals = signals
    while unsafe sigwait(&signals, &arrived) != 0 {}
    return arrived == SIGINT ? "SIGINT" : "SIGTERM"
  }
}
