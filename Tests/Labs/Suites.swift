import Synchronization
import Testing

/// What needs a lab. Labs mostly wait, so two suites run beside each other, each with labs of its own; and in `make
/// test` all else that takes time runs beside them. A test here may take its time, and bounds it generously.
/// Suites in extensions of this one inherit all that.
@Suite(LaneTrait()) enum LabSuite {}

/// What a busy machine would fail, since it measures time or is answered within a short one: `make test` runs nothing
/// beside it.
@Suite(.serialized) enum TimedSuite {}

/// Where one suite at a time runs.
final class Lane: Sendable {
  /// Tests outside of `LabSuite` all have the same.
  @TaskLocal static var current = Lane()

  private let labs = Mutex<[[String]: Result<Lab, any Error>]>([:])

  /// This lane's lab with these options of `up`; made when first asked for.
  func lab(_ options: [String] = []) -> Result<Lab, any Error> {
    labs.withLock { labs in
      if let lab = labs[options] { return lab }
      let lab = Result { try Lab(options: options) }
      labs[options] = lab
      return lab
    }
  }
}

/// Lets each suite right below this one wait for a lane: there are two.
struct LaneTrait: SuiteTrait, TestTrait, TestScoping {
  private static let lanes = Lanes()

  var isRecursive: Bool { true }

  func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? {
    test.isSuite && test.id.nameComponents.count == 2 ? self : nil
  }

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let lane = await Self.lanes.take()
    defer { Self.lanes.give(lane) }
    try await Lane.$current.withValue(lane) { try await function() }
  }
}

/// Those that are free, and who waits for one.
private final class Lanes: Sendable {
  private let state = Mutex((free: [Lane(), Lane()], waiting: [CheckedContinuation<Lane, Never>]()))

  func take() async -> Lane {
    await withCheckedContinuation { continuation in
      let lane = state.withLock { state in
        if state.free.isEmpty { state.waiting.append(continuation) }
        return state.free.popLast()
      }
      if let lane { continuation.resume(returning: lane) }
    }
  }

  func give(_ lane: Lane) {
    let next = state.withLock { state in
      if state.waiting.isEmpty {
        state.free.append(lane)
        return nil as CheckedContinuation<Lane, Never>?
      }
      return state.waiting.removeFirst()
    }
    next?.resume(returning: lane)
  }
}
