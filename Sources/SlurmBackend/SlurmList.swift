internal import CSlurm
internal import Glibc

/// Owns a list of libslurm's, and frees it with what its own destructor frees.
@safe struct SlurmList: ~Copyable {
  let pointer: OpaquePointer

  /// Takes over a list that a call returned; nil for the null that stands for failure.
  init?(_ pointer: OpaquePointer?) {
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe slurm_list_destroy(pointer) }

  var count: Int { Int(unsafe slurm_list_count(pointer)) }

  /// Calls `body` with each element, which belongs to the list.
  func forEach<Element>(
    of _: Element.Type, _ body: (UnsafeMutablePointer<Element>) -> Void
  ) { unsafe CSlurmList.forEach(pointer, body) }
}

/// A list of what lives elsewhere, as conditions of a query want it: of texts, or of borrowed records. Both must
/// outlive it.
@safe struct BorrowingList: ~Copyable {
  let pointer: OpaquePointer?
  private let texts: [OwnedText]

  init(texts: [String]) {
    unsafe pointer = slurm_list_create(nil)
    self.texts = texts.map(OwnedText.init)
    for text in self.texts { _ = unsafe slurm_list_append(pointer, text.pointer) }
  }

  init<Element>(of element: UnsafeMutablePointer<Element>) {
    unsafe pointer = slurm_list_create(nil)
    texts = []
    _ = unsafe slurm_list_append(pointer, element)
  }

  deinit { unsafe slurm_list_destroy(pointer) }
}

/// A C string that lives as long as this does.
@safe final class OwnedText {
  let pointer: UnsafeMutablePointer<CChar>?

  init(_ text: String) { unsafe pointer = strdup(text) }
  deinit { unsafe free(pointer) }
}

enum CSlurmList {
  /// Walks a list that belongs to someone else; null is an empty one.
  static func forEach<Element>(
    _ list: OpaquePointer?, _ body: (UnsafeMutablePointer<Element>) -> Void
  ) {
    guard let list = unsafe list, let iterator = unsafe slurm_list_iterator_create(list) else { return }
    while let element = unsafe slurm_list_next(iterator) {
      unsafe body(element.assumingMemoryBound(to: Element.self))
    }
    unsafe slurm_list_iterator_destroy(iterator)
  }

  static func texts(_ list: OpaquePointer?) -> [String] {
    var texts: [String] = []
    unsafe forEach(list) { (element: UnsafeMutablePointer<CChar>) in
      if let text = unsafe text(element) { texts.append(text) }
    }
    return texts
  }
}
