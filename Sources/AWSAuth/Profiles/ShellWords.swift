/// Splits a command line into words as a POSIX shell does, without doing anything else that a shell does.
///
/// The rules are those of Python's `shlex.split`, which botocore splits with: blanks part words, single quotes keep everything, in double
/// quotes a backslash escapes a double quote and itself, outside quotes any character. No variable, no wildcard, no pipe.
///
/// - Returns: nil where a quote isn't closed, or a backslash is the last character.
func shellWords(_ line: String) -> [String]? {
  var words: [String] = []
  var word: String.UnicodeScalarView?
  var quote: Unicode.Scalar?
  var scalars = line.unicodeScalars[...]
  while let scalar = scalars.popFirst() {
    switch (scalar, quote) {
    case ("'", "'"), ("\"", "\""): quote = nil
    case ("'", nil), ("\"", nil):
      quote = scalar
      word = word ?? .init()
    case ("\\", nil):
      guard let next = scalars.popFirst() else { return nil }
      word = (word ?? .init()) + [next]
    case ("\\", "\""):
      guard let next = scalars.popFirst() else { return nil }
      word = (word ?? .init()) + (next == "\"" || next == "\\" ? [next] : [scalar, next])
    case (" ", nil), ("\t", nil), ("\r", nil), ("\n", nil):
      if let whole = word { words.append(String(whole)) }
      word = nil
    default: word = (word ?? .init()) + [scalar]
    }
  }
  if quote != nil { return nil }
  if let whole = word { words.append(String(whole)) }
  return words
}
