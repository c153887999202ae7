/// Something that an operator changed while a pass ran, for its report.
package struct PassChange: Sendable, Hashable {
  /// When, in milliseconds since 1970, by the clock of the machine that it ran on.
  package let milliseconds: Int64
  /// As in `--write-wcu 400`, or `paused`.
  package let what: String

  package init(milliseconds: Int64, what: String) {
    self.milliseconds = milliseconds
    self.what = what
  }
}
