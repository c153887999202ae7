import Testing

@testable import DualTableReport

@Suite struct HTMLTests {
  @Test(
    "text enters a page escaped",
    arguments: [
      ("<script>", "&lt;script&gt;"), ("\"'&", "&quot;&#39;&amp;"), ("&amp;", "&amp;amp;"), ("größer 漢字 🙂", "größer 漢字 🙂"),
      ("a\u{202E}b\u{2066}", "a[U+202E]b[U+2066]"), ("\u{0}\u{1B}\u{7F}", "[U+0][U+1B][U+7F]"), ("\u{200B}\u{FEFF}", "[U+200B][U+FEFF]"),
      ("a\tb\nc", "a\tb\nc"), ("\u{2028}", "[U+2028]"),
    ])
  func escapes(text: String, markup: String) {
    let piece: HTML = "<td title=\"\(text)\">\(text)</td>"
    #expect(piece.markup == "<td title=\"\(markup)\">\(markup)</td>")
  }

  @Test func `pieces stay markup`() {
    let cell: HTML = "<b>\("<x>")</b>"
    let row: HTML = "<tr>\(cell)\([cell, cell])\(7)</tr>"
    #expect(row.markup == "<tr><b>&lt;x&gt;</b><b>&lt;x&gt;</b><b>&lt;x&gt;</b>7</tr>")
  }
}
