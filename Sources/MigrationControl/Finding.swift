/// One thing that was looked at before a step, and whether it stands in the way.
package struct Finding: Sendable, Hashable, CustomStringConvertible {
  package enum Level: String, Sendable, Hashable, CaseIterable {
    case ok, warning, blocker
  }

  /// What was looked at, as machines know it: `oldTimeToLive`.
  package let subject: String
  package let level: Level
  /// One sentence: what was found, and what to do where it isn't ok.
  package let sentence: String

  package init(_ subject: String, _ level: Level, _ sentence: String) {
    self.subject = subject
    self.level = level
    self.sentence = sentence
  }

  package static func ok(_ subject: String, _ sentence: String) -> Finding { Finding(subject, .ok, sentence) }
  package static func warning(_ subject: String, _ sentence: String) -> Finding { Finding(subject, .warning, sentence) }
  package static func blocker(_ subject: String, _ sentence: String) -> Finding { Finding(subject, .blocker, sentence) }

  package var description: String { "\(level.rawValue): \(sentence)" }
}
