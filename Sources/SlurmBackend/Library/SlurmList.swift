internal import CSlurm

/// A list that libslurm gave, or that is built for it; freed with its owner. Elements belong to the list
/// only when it came from libslurm.
@safe
struct SlurmList: ~Copyable {
  let pointer: sluice_list

  init?(owning pointer: sluice_list?) {
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = unsafe pointer
  }

  /// An empty list that doesn't own what is appended.
  init(borrowing: Void = ()) {
    guard let list = unsafe slurm_list_create(nil) else { fatalError("out of memory") }
    unsafe pointer = unsafe list
  }

  deinit { unsafe slurm_list_destroy(pointer) }

  var count: Int { Int(unsafe slurm_list_count(pointer)) }

  func append(_ element: UnsafeMutableRawPointer) { unsafe slurm_list_append(pointer, element) }
}

/// Calls `body` with each element of a list that something else owns; none when it is nil.
func forEach<Element>(
  in list: sluice_list?, of type: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Void
) {
  guard let list = unsafe list, let iterator = unsafe slurm_list_iterator_create(list) else { return }
  defer { unsafe slurm_list_iterator_destroy(iterator) }
  while let element = unsafe slurm_list_next(iterator) {
    unsafe body(element.assumingMemoryBound(to: type))
  }
}

/// The strings of a list that something else owns.
func strings(in list: sluice_list?) -> [String] {
  var result: [String] = []
  unsafe forEach(in: list, of: CChar.self) { unsafe result.append(String(cString: $0)) }
  return result
}

/// The text of a C string; nil when there is none or it is empty.
func text(_ pointer: UnsafePointer<CChar>?) -> String? {
  guard let pointer = unsafe pointer, unsafe pointer.pointee != 0 else { return nil }
  return unsafe String(cString: pointer)
}

/// Nil for the marks that stand for "not set" and "unlimited".
func value(_ number: UInt32) -> Int64? {
  number == sluice_no_value || number == sluice_infinite ? nil : Int64(number)
}
