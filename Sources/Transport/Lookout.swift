internal import Glibc

/// Looks for what is expected at once, for 50 microseconds at most, before its caller goes to sleep for it: to sleep and
/// be woken takes longer than a small answer does, most of all where a virtual machine's processor sleeps with it.
/// After each look in vain whoever else is ready has the processor: on a busy machine it is long until it comes back, so
/// not before.
package func lookOut<Found>(_ look: () -> Found?) -> Found? {
  let end = ContinuousClock.now + .microseconds(50)
  repeat {
    if let found = look() { return found }
    sched_yield()
  } while ContinuousClock.now < end
  return nil
}
