internal import HTTPTransport

/// Writes down a run over time in its state directory, sample by sample, and goes on with the series of the process before.
///
/// Runs where the checkpoint does, since it blocks on the disk. A series that can't be written is no reason to end a run: what is
/// missing then is a piece of the report's charts.
package actor RunRecorder {
  package nonisolated let executor: any SerialExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let path: String
  private let meter: RequestMeter
  private var series: RunSeries
  private var file: JSONLinesFile?

  /// - Parameters:
  ///   - directory: of the run, locked.
  ///   - isNew: the run begins; a series that is there is another one's.
  ///   - meter: what the run's workers bring their requests to.
  package init(_ directory: StateDirectory, isNew: Bool = false, meter: RequestMeter, executor: any SerialExecutor) {
    path = "\(directory.path)/\(RunSeries.file)"
    self.executor = executor
    self.meter = meter
    series = isNew ? RunSeries() : (try? RunSeries.look(at: directory.path)) ?? RunSeries()
  }

  /// Takes a sample, if it is time for one.
  ///
  /// - Parameters:
  ///   - status: where the run stands.
  ///   - new: of a verification where the new table's scan stands.
  ///   - isLast: the process's last one, which is always taken.
  ///   - complete: adds what else is to be known of a sample.
  package func sample(
    _ status: PassCheckpoint.Status, new: PassCheckpoint.Status? = nil, at moment: Int64, isLast: Bool = false,
    _ complete: @Sendable (inout RunSample) -> Void = { _ in }
  ) {
    let (seconds, attoseconds) = status.elapsed.components
    let elapsed = Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    // Nothing was done since the last one where time worked stands still.
    guard isLast ? elapsed != series.samples.last?.elapsed && elapsed > 0 : series.isDue(at: elapsed) else { return }
    var sample = RunSample(
      elapsed: elapsed, moment: moment, restarts: status.restarts, counts: status.totals, newCounts: new?.totals, requests: meter.take())
    complete(&sample)
    try? write(series.append(sample))
  }

  private func write(_ change: RunSeries.Change) throws(StateError) {
    var bytes = ByteBuffer()
    if change == .appended, file == nil, series.samples.count > 1 {
      // Half a line of a process that died goes.
      file = try JSONLinesFile(path)
    }
    if change == .appended, file != nil, let last = series.samples.last {
      last.encode(into: &bytes)
      try file?.append(bytes.span)
    } else {
      // The first sample, too: what is there is another run's, or can't be read.
      file = nil
      series.encode(into: &bytes)
      try File.replace(path, with: bytes.span)
    }
  }
}
