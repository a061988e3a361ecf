import Glibc

/// libFuzzer's loop, which makes inputs and watches what code they reach. It ends the process itself.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// `fuzz` fuzzes the target that $FUZZ_TARGET names, with libFuzzer's arguments.
@main
struct Main {
  private static let target = unsafe getenv("FUZZ_TARGET").flatMap {
    unsafe FuzzTarget(rawValue: String(cString: $0))
  }

  static func main() {
    guard target != nil else {
      print("FUZZ_TARGET is one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
      exit(2)
    }
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv
    exit(unsafe runDriver(&count, &arguments, Main.test))
  }

  private static let test: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32 = { data, size in
    let bytes = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    do {
      try target?.check(bytes)
    } catch {
      fatalError("a promise is broken: \(error)")
    }
    return 0
  }
}
