extension String {
  /// What a complaint shows of text that may have any length. Not in Characters: one of those can have any
  /// number of scalars.
  package var beginning: String { String(unicodeScalars.prefix(80)) }
}
