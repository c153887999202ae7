internal import Glibc
internal import Synchronization

/// The only place that writes for people and scripts: results to standard output, everything else to standard error.
///
/// On a terminal the last line may be a live one, which each write clears away and puts back; on a pipe there is none.
final class Terminal: Sendable {
  /// Where text goes; a test collects it.
  struct Sinks: Sendable {
    let output: @Sendable (String) -> Void
    let error: @Sendable (String) -> Void

    /// The process's own.
    static let process = Sinks(output: { write($0, to: STDOUT_FILENO) }, error: { write($0, to: STDERR_FILENO) })

    private static func write(_ text: String, to descriptor: Int32) {
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0 && errno == EINTR { continue }
        // Nobody reads any more: there is nobody to tell.
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// True if a live line can be shown.
  let isLive: Bool
  /// True if results go to a terminal, which shows colors.
  let hasColors: Bool
  private let sinks: Sinks
  private let live = Mutex("")

  init(sinks: Sinks = .process, isLive: Bool = isatty(STDERR_FILENO) == 1, hasColors: Bool = isatty(STDOUT_FILENO) == 1) {
    self.sinks = sinks
    self.hasColors = hasColors
    self.isLive = isLive
  }

  /// Writes a command's result.
  ///
  /// - Parameter isStyled: the text has colors of ours, and what others said in it is `plain` already. Default false.
  func result(_ text: String, isStyled: Bool = false) {
    // What isn't shown is a program's to read, byte by byte.
    between { sinks.output((hasColors && !isStyled ? Self.plain(text) : text) + "\n") }
  }

  /// Writes a line for whoever watches.
  func note(_ line: String) { between { sinks.error(Self.plain(line) + "\n") } }

  /// Shows `line` as the live one, cut to the terminal's width; an empty one takes it away.
  func showLive(_ line: String) {
    guard isLive else { return }
    let shown = Self.plain(String(line.prefix(Self.width() - 1)))
    live.withLock { live in
      sinks.error("\r\u{1B}[2K" + shown)
      live = shown
    }
  }

  /// Text in which what a terminal would take for a command is shown by its number: tables, items and servers say what they like, and
  /// could otherwise hide lines, show others, or type.
  static func plain(_ text: String) -> String {
    func isCommand(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t" }
    guard text.unicodeScalars.contains(where: isCommand) else { return text }
    var plain = ""
    for scalar in text.unicodeScalars {
      if isCommand(scalar) {
        plain += "[U+\(String(scalar.value, radix: 16, uppercase: true))]"
      } else {
        plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }

  private func between(_ write: () -> Void) {
    live.withLock { live in
      if !live.isEmpty { sinks.error("\r\u{1B}[2K") }
      write()
      if !live.isEmpty { sinks.error(live) }
    }
  }

  private static func width() -> Int {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }
}
