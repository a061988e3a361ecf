/// The way to a value from the file's top. It is a list from the inside out, so that a value costs one box
/// however long the keys around it are; text is made only for a complaint.
indirect enum YAMLPath: Sendable {
  case top
  case member(String, of: YAMLPath)
  case item(Int, of: YAMLPath)

  /// Such as `projects[2].limits`; of a long key the beginning. Empty at the top.
  var text: String {
    switch self {
    case .top: return ""
    case .member(let key, let parent):
      let before = parent.text
      return (before.isEmpty ? "" : before + ".") + String(key.unicodeScalars.prefix(80))
    case .item(let index, let parent): return "\(parent.text)[\(index)]"
    }
  }
}
