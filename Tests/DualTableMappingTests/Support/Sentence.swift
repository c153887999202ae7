import Testing

/// A sentence of the mapping language's specification, and what shows it.
struct Sentence: CustomTestStringConvertible, Sendable {
  enum Evidence: Sendable {
    /// One item before and after, as in `RuleTests.Row`, under `id`.
    case item(_ lines: String, _ old: String, _ new: String?)
    /// A file behind `FindingTests.head`, and its findings.
    case findings(_ lines: String, [String])
    /// A test that exists, as `Suite.function`, with text that stands in its file.
    case test(_ name: String, holding: String = "")
  }

  let text: String
  let evidence: [Evidence]

  init(_ text: String, _ evidence: Evidence...) {
    self.text = text
    self.evidence = evidence
  }

  var testDescription: String { "the mapping language: \(text)" }
}
