package import DualTableScan
internal import HTTPTransport
package import MigrationControl

/// A verification that lies in the control table, for whoever looks at it or drops it.
package struct SharedVerification: Sendable {
  package let table: LeaseTable

  /// What a run's mode says where ids are looked up by their keys, and new ones not counted.
  static let byKeys = "by keys"

  package init(_ control: ControlTable) { table = LeaseTable(control, command: "verify") }

  /// What the segments verified so far came to; stopped is a run that isn't finished.
  package static func result(_ overview: SharedPassOverview, at now: Int64) -> VerifyResult {
    let status = overview.status(at: now)
    var result = VerifyResult(
      shared: status.totals, countsNew: !overview.pass.manifest.mode.hasSuffix(byKeys), seconds: status.elapsed / .seconds(1))
    if overview.pass.finished == nil { result.stopped = .interrupted }
    return result
  }

  /// Writes the lines of a run's findings to the file at `path`.
  ///
  /// - Parameter listsSuperseded: what was written since goes to the file at `path` + `.superseded`.
  /// - Throws: `StateError` where the run was dropped or begun anew.
  package func writeFindings(of pass: SharedPass, to path: String, _ listsSuperseded: Bool) async throws {
    var found = try JSONLinesFile(path, checkpointed: 0)
    var superseded: [UInt8] = []
    try await table.forEachLetters(of: pass) { (lines) throws(StateError) in
      var kept: [UInt8] = []
      for line in lines.split(separator: 0x0A) {
        if Finding.reason(of: line) == "superseded" { superseded += line + [0x0A] } else { kept += line + [0x0A] }
      }
      try found.append(kept.span)
    }
    try? found.sync()
    guard listsSuperseded else { return }
    var other = try JSONLinesFile("\(path).superseded", checkpointed: 0)
    try other.append(superseded.span)
  }
}
