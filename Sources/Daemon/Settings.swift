internal import Glibc
package import YAML

/// A service's settings file.
package enum Settings {
  /// The settings in the file that was named, else in the usual one. Without the usual file a service runs
  /// on its defaults; a file that was named must be there.
  package static func read(named path: String?, usual: String) throws(YAMLFault) -> YAMLMapping {
    if path == nil, unsafe access(usual, F_OK) != 0, errno == ENOENT { return YAMLMapping(nothingIn: usual) }
    let top = try YAMLReader.read(path: path ?? usual)
    return top.isEmpty ? YAMLMapping(nothingIn: top.file) : try top.mapping()
  }
}
