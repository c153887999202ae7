import Synchronization
import Testing

@testable import DualTableCommand

@Suite struct TerminalTests {
  /// Keeps what is written to either side, in order.
  final class Written: Sendable {
    let texts = Mutex<[String]>([])
    var sinks: Terminal.Sinks {
      .init(
        output: { text in self.texts.withLock { $0.append("out:" + text) } }, error: { text in self.texts.withLock { $0.append(text) } })
    }
  }

  @Test func `a live line makes way for every other`() {
    let written = Written()
    let terminal = Terminal(sinks: written.sinks, isLive: true)
    terminal.showLive("half")
    terminal.note("a note")
    terminal.result("a result")
    terminal.showLive("")
    terminal.note("the end")
    let clear = "\r\u{1B}[2K"
    #expect(
      written.texts.withLock { $0 } == [
        clear + "half", clear, "a note\n", "half", clear, "out:a result\n", "half", clear, "the end\n",
      ])
  }

  @Test(arguments: [
    ("a\u{1B}]0;title\u{7}b", "a[U+1B]]0;title[U+7]b"), ("\u{9B}2J", "[U+9B]2J"), ("ok\rError", "ok[U+D]Error"),
    ("\u{7F}\u{8}", "[U+7F][U+8]"), ("lines\n\tand é\u{1F600}\u{301}", "lines\n\tand é\u{1F600}\u{301}"),
  ])
  func `what a server or an item says is no command to the terminal`(said: String, shown: String) {
    let written = Written()
    let terminal = Terminal(sinks: written.sinks, isLive: true, hasColors: true)
    terminal.note(said)
    terminal.result(said)
    terminal.result("\u{1B}[31m" + Terminal.plain(said), isStyled: true)
    terminal.showLive(said)
    // A program that reads results gets them as they are.
    Terminal(sinks: written.sinks, isLive: false, hasColors: false).result(said)
    #expect(
      written.texts.withLock { $0 } == [
        shown + "\n", "out:" + shown + "\n", "out:\u{1B}[31m" + shown + "\n", "\r\u{1B}[2K" + shown, "out:" + said + "\n",
      ])
  }

  @Test func `a pipe gets no live line`() {
    let written = Written()
    let terminal = Terminal(sinks: written.sinks, isLive: false)
    terminal.showLive("half")
    terminal.note("a note")
    #expect(written.texts.withLock { $0 } == ["a note\n"])
  }

  @Test func `a live line is no longer than the terminal`() {
    let written = Written()
    Terminal(sinks: written.sinks, isLive: true).showLive(String(repeating: "x", count: 5_000))
    #expect(written.texts.withLock { $0[0].count } < 5_000)
  }
}
