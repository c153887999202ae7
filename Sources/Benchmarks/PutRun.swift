/// Who puts the items.
enum Putter: String {
  /// Ready-made requests in C.
  case limit
  /// The same requests by the kit's transport and signer.
  case transport
  /// The kit's backfill, with scan, conversion and accounting.
  case backfill
}

/// What one run of a putter needs to know.
struct PutRun {
  var putter: Putter
  /// The limit's threads, the backfill's loops.
  var threads: Int
  var connections = 64
  var server: NullServer.Options

  /// What it came to.
  struct Result {
    let itemsPerSecond: Double
    let microsecondsPerItem: Double
    let peakMegabytes: Double
    let serverMicrosecondsPerItem: Double
    /// A put's body, as it was sent.
    let put: String
  }

  /// Runs it against a fresh server, both in processes of their own, and sees to it that each item arrived exactly once.
  ///
  /// - Parameter put: the body that the limit and the transport send; the backfill makes its own.
  func perform(put: String = "") throws(Failure) -> Result {
    let server = try NullServer(self.server)
    let items = Double(self.server.items)
    var arguments = [putter.rawValue, "\(server.port)", "\(threads)", "\(connections)", "\(self.server.items)"]
    if putter == .limit { arguments.append("PutItem") }
    if putter != .backfill { arguments.append(put) }
    let run = Fields(try ChildProcess(arguments).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(putter.rawValue): \(error)") }
    for name in ["duplicates", "strangers", "missing"] where try counts.number(name) != 0 {
      throw Failure("\(putter.rawValue) sent wrong puts: \(counts[name] ?? "?") \(name) of \(self.server.items)")
    }
    return Result(
      itemsPerSecond: try items / run.number("seconds"),
      microsecondsPerItem: try run.number("cpu") / items * 1e6,
      peakMegabytes: try run.number("peak") / 1e6,
      serverMicrosecondsPerItem: try counts.number("cpu") / items * 1e6,
      put: counts["put"] ?? "")
  }
}
