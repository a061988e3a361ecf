internal import Glibc
internal import Model

/// The wall clock, except that it never goes back: a decision must not see time fall.
struct Clock {
  private var last = Timestamp(milliseconds: 0)

  mutating func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    last = max(last, Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000))
    return last
  }
}
