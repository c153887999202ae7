import Testing

@testable import DualTableCommand

@Suite struct MetricsTextTests {
  private func text(_ label: String) -> String {
    var metrics = MetricsText()
    metrics.add("a_total", .counter, "Help.", 1, [("table", label)])
    return metrics.text
  }

  @Test(arguments: [
    ("users", "users"), (#"a"b\c"#, #"a\"b\\c"#), ("a\nb", #"a\nb"#),
    // One character each, as Swift counts: neither ends the label.
    ("a\r\nb 2", "a\r\\nb 2"), ("a\"\u{301}} 2", "a\\\"\u{301}} 2"), ("a\\\u{301}", "a\\\\\u{301}"),
  ])
  func `a label's value stays within its quotes`(_ value: String, _ shown: String) {
    let expected = "# HELP a_total Help.\n# TYPE a_total counter\na_total{table=\"\(shown)\"} 1.0\n"
    #expect(Array(text(value).unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test func `samples of a name stand together`() {
    var metrics = MetricsText()
    metrics.add("a", .gauge, "A.", 1, [("x", "1")])
    metrics.add("b", .gauge, "B.", 2)
    metrics.add("a", .gauge, "A.", 3, [("x", "2")])
    #expect(
      metrics.text == "# HELP b B.\n# TYPE b gauge\nb 2.0\n# HELP a A.\n# TYPE a gauge\na{x=\"1\"} 1.0\na{x=\"2\"} 3.0\n")
  }
}
