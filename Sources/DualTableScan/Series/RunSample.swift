/// Where a run stood at one moment, and what its requests came to since the sample before.
package struct RunSample: Sendable, Equatable {
  /// Time worked on the run, over all processes, in milliseconds.
  package var elapsed: Int
  /// When it was, milliseconds since 1970.
  package var moment: Int64
  /// Processes that had taken the run up again after its first one.
  package var restarts: Int
  /// Everything since the run began; of a verification what was scanned of the old table.
  package var counts: PassCounts
  /// Of a verification what was scanned of the new table; nil of any other run.
  package var newCounts: PassCounts?
  package var requests: RequestMeter.Reading
  /// What kept the run from going faster, nil where nobody looked.
  package var limit: String?
  /// Units a second, at most; nil: no limit.
  package var readLimit: Double?
  package var writeLimit: Double?

  package init(
    elapsed: Int, moment: Int64, restarts: Int = 0, counts: PassCounts, newCounts: PassCounts? = nil,
    requests: RequestMeter.Reading = .init(), limit: String? = nil, readLimit: Double? = nil, writeLimit: Double? = nil
  ) {
    self.elapsed = elapsed
    self.moment = moment
    self.restarts = restarts
    self.counts = counts
    self.newCounts = newCounts
    self.requests = requests
    self.limit = limit
    self.readLimit = readLimit
    self.writeLimit = writeLimit
  }

  /// Takes over what the requests of an earlier sample came to, which goes.
  mutating func absorb(_ earlier: RunSample) {
    requests.reads += earlier.requests.reads
    requests.writes += earlier.requests.writes
    // Reason by reason: lists put one behind the other would grow with each sample that goes.
    var throttles = earlier.requests.throttles
    for throttle in requests.throttles { throttles.add(throttle) }
    requests.throttles = throttles
  }
}
