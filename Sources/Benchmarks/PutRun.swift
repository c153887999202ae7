/// Who puts the items.
enum Putter: String, CaseIterable {
  /// Ready-made requests in C.
  case limit
  /// The same in C by libcurl's own transfers, on one thread.
  case multi
  /// The same requests by the kit's transport and signer.
  case transport
  /// The kit's backfill, with scan, conversion and accounting.
  case backfill
}

/// What one run of a putter needs to know.
struct PutRun {
  var putter: Putter
  var job: PutJob
  /// NEW holds every item already, as on a second pass.
  var isMigrated = false
  /// Microseconds that each answer waits.
  var latency = 0
  /// Whether it goes over TLS.
  var isSecure = false

  /// What it came to.
  struct Result {
    let seconds: Double
    let itemsPerSecond: Double
    let microsecondsPerItem: Double
    let peakMegabytes: Double
    let serverMicrosecondsPerItem: Double
    /// Blocks of memory asked for, if they were counted.
    let blocks: Double
    /// A put's body, or a whole batch's, as it was sent.
    let body: String
  }

  /// Runs it against a fresh server, both in processes of their own, and sees to it that each item arrived exactly once.
  func perform() throws(Failure) -> Result {
    let directory = try TemporaryDirectory()
    var job = job
    var options = NullServer.Options(items: job.items)
    if isSecure { job.certificate = "\(directory.path)/certificate.pem" }
    (options.migrated, options.latency, options.certificate) = (isMigrated, latency, job.certificate)
    let server = try NullServer(options)
    job.port = server.port
    let items = Double(job.items)
    let run = Fields(try ChildProcess([putter.rawValue] + job.arguments).finish())
    let counts = try server.finish()
    if let error = run["error"] { throw Failure("\(putter.rawValue): \(error)") }
    for name in ["duplicates", "strangers", "missing"] where try counts.number(name) != 0 {
      throw Failure("\(putter.rawValue) sent wrong puts: \(counts[name] ?? "?") \(name) of \(job.items)")
    }
    return Result(
      seconds: try run.number("seconds"), itemsPerSecond: try items / run.number("seconds"),
      microsecondsPerItem: try run.number("cpu") / items * 1e6,
      peakMegabytes: try run.number("peak") / 1e6,
      serverMicrosecondsPerItem: try counts.number("cpu") / items * 1e6,
      blocks: job.countsBlocks ? try run.number("blocks") : 0, body: counts["put"] ?? "")
  }
}
