/// What is measured, and how thoroughly.
struct Suite {
  /// Fewer and smaller rounds: a look, not a measurement.
  var isQuick = false
  /// Groups to measure; all if empty.
  var groups: [String] = []

  static let allGroups = ["limit"]

  private func has(_ group: String) -> Bool { groups.isEmpty || groups.contains(group) }

  func run() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    if has("limit") { figures += try PutBenchmark(isQuick: isQuick).run() }
    return figures
  }
}
