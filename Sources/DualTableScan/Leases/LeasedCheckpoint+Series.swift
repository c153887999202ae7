internal import AWSAuth
internal import DynamoDBClient
internal import MigrationControl
internal import Synchronization

extension LeasedCheckpoint {
  /// Takes a sample of what this worker did itself, if it is time for one, and writes the series down, if that is worth it.
  ///
  /// One that can't be written is no reason to end a run: what is missing then is a piece of the report's charts.
  /// - Parameters:
  ///   - meter: what the run's workers bring their requests to.
  ///   - isLast: the worker leaves.
  ///   - complete: adds what else is to be known of a sample.
  package func sample(
    _ meter: RequestMeter, isLast: Bool = false, _ complete: @Sendable (inout RunSample) -> Void = { _ in }
  ) async {
    let moment = configuration.wallClock.now()
    let (bytes, revision, pass) = state.withLock { state -> ([UInt8]?, Int, SharedPass) in
      let elapsed = Int(max(0, moment - state.pass.started))
      if state.record.isDue(at: elapsed, isLast: isLast) {
        var sample = RunSample(elapsed: elapsed, moment: moment, counts: state.record.counts, requests: meter.take())
        complete(&sample)
        state.record.append(sample)
      }
      return (state.record.take(at: elapsed, isLast: isLast), state.record.revision, state.pass)
    }
    guard let bytes else { return }
    let table = table.with(patience: Self.farewell)
    await uncancelled { try? await table.keepSeries(bytes, of: self.configuration.worker, revision, pass) }
  }
}
