/// What is measured, and how thoroughly.
struct Suite {
  /// Fewer and smaller rounds: a look, not a measurement.
  var isQuick = false
  /// Groups to measure; all if empty.
  var groups: [String] = []

  static let allGroups =
    ["codec", "signing"] + PutBenchmark.Load.allCases.map(\.rawValue) + [
      "scale", "checkpoints", "get", "repository", "pages", "memory", "verify", "local",
    ]

  private func has(_ group: String) -> Bool { groups.isEmpty || groups.contains(group) }

  func run() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    if has("codec") { figures += try CodecBenchmark(isQuick: isQuick).run() }
    if has("signing") { figures += try SigningBenchmark(isQuick: isQuick).run() }
    for load in PutBenchmark.Load.allCases where has(load.rawValue) { figures += try PutBenchmark(isQuick: isQuick, load: load).run() }
    if has("scale") { figures += try ScaleBenchmark(isQuick: isQuick).run() }
    if has("checkpoints") { figures += try CheckpointBenchmark(isQuick: isQuick).run() }
    if has("get") { figures += try GetBenchmark(isQuick: isQuick).run() }
    if has("repository") { figures += try RepositoryBenchmark(isQuick: isQuick).run() }
    if has("pages") { figures += try PageBenchmark(isQuick: isQuick).run() }
    if has("memory") { figures += try MemoryBenchmark(isQuick: isQuick).run() }
    if has("verify") { figures += try VerifyBenchmark(isQuick: isQuick).run() }
    if has("local") { figures += try LocalBenchmark(isQuick: isQuick).run() }
    return figures
  }
}
