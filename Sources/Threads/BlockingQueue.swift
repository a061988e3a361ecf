internal import Glibc

/// A bounded queue between threads: first in, first out.
@safe package final class BlockingQueue<Element: Sendable>: @unchecked Sendable {
  private let capacity: Int
  private var elements: [Element] = []
  private var isClosed = false
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init(capacity: Int) {
    self.capacity = capacity
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(changed, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// False when it is full or closed; an `urgent` element is taken even when it is full.
  package func offer(_ element: Element, urgent: Bool = false) -> Bool {
    locked {
      guard !isClosed, urgent || elements.count < capacity else { return false }
      elements.append(element)
      unsafe pthread_cond_broadcast(changed)
      return true
    }
  }

  /// Waits for room; false when it is closed.
  @discardableResult
  package func put(_ element: Element) -> Bool {
    locked {
      while !isClosed, elements.count >= capacity { unsafe pthread_cond_wait(changed, mutex) }
      guard !isClosed else { return false }
      elements.append(element)
      unsafe pthread_cond_broadcast(changed)
      return true
    }
  }

  /// Up to `most` elements; none when `seconds` pass without any. Nil once it is closed and empty.
  package func take(atMost most: Int, waiting seconds: Double) -> [Element]? {
    var deadline = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
    let nanoseconds = Int64(deadline.tv_nsec) + Int64(min(seconds, 3600) * 1e9)
    deadline.tv_sec += Int(nanoseconds / 1_000_000_000)
    deadline.tv_nsec = Int(nanoseconds % 1_000_000_000)
    return locked {
      while elements.isEmpty, !isClosed {
        if unsafe pthread_cond_timedwait(changed, mutex, &deadline) == ETIMEDOUT { break }
      }
      if elements.isEmpty { return isClosed ? nil : [] }
      let taken = Array(elements.prefix(most))
      elements.removeFirst(taken.count)
      unsafe pthread_cond_broadcast(changed)
      return taken
    }
  }

  /// Takes no more; what is in it can still be taken.
  package func close() {
    locked {
      isClosed = true
      unsafe pthread_cond_broadcast(changed)
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}
