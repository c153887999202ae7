/// What is measured, and how thoroughly.
struct Suite {
  /// Fewer and smaller rounds: a look, not a measurement.
  var isQuick = false
  /// Groups to measure; all if empty.
  var groups: [String] = []

  static let allGroups = ["codec", "put", "get", "repository", "pages", "memory", "verify", "local"]

  private func has(_ group: String) -> Bool { groups.isEmpty || groups.contains(group) }

  func run() throws(Failure) -> [Figure] {
    var figures: [Figure] = []
    if has("codec") { figures += try CodecBenchmark(isQuick: isQuick).run() }
    if has("put") { figures += try PutBenchmark(isQuick: isQuick).run() }
    if has("get") { figures += try GetBenchmark(isQuick: isQuick).run() }
    if has("repository") { figures += try RepositoryBenchmark(isQuick: isQuick).run() }
    if has("pages") { figures += try PageBenchmark(isQuick: isQuick).run() }
    if has("memory") { figures += try MemoryBenchmark(isQuick: isQuick).run() }
    if has("verify") { figures += try VerifyBenchmark(isQuick: isQuick).run() }
    if has("local") { figures += try LocalBenchmark(isQuick: isQuick).run() }
    return figures
  }
}
